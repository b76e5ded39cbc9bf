# wait_for goes on only when its predicate holds.
import asyncio


async def consumer(name, condition, items):
    async with condition:
        await condition.wait_for(lambda: items)
        print(f"{name} takes {items.pop(0)}")


async def main():
    condition, items = asyncio.Condition(), []
    tasks = [asyncio.create_task(consumer(name, condition, items)) for name in "ab"]
    await asyncio.sleep(0.05)
    for item in (1, 2):
        async with condition:
            items.append(item)
            print(f"adds {item}")
            condition.notify_all()
        await asyncio.sleep(0.05)
    for task in tasks:
        await task


asyncio.run(main())
