# notify wakes that many, in their order; they run when they have the lock again.
import asyncio


async def waiter(name, condition):
    async with condition:
        print(f"{name} waits")
        await condition.wait()
        print(f"{name} is notified")


async def main():
    condition = asyncio.Condition()
    tasks = [asyncio.create_task(waiter(name, condition)) for name in "abcd"]
    await asyncio.sleep(0.05)
    async with condition:
        condition.notify(2)
        print("notified two")
        await asyncio.sleep(0)
        print("still locked")
    await asyncio.sleep(0.05)
    async with condition:
        condition.notify_all()
        print("notified all")
    for task in tasks:
        await task


asyncio.run(main())
