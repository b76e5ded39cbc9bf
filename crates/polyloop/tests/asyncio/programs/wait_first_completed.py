# wait gives what has ended when the first has; the rest runs on.
import asyncio


async def work(name, delay):
    await asyncio.sleep(delay)
    print(f"{name} ends")
    return name


async def main():
    tasks = [
        asyncio.create_task(work("a", 0.15), name="a"),
        asyncio.create_task(work("b", 0.05), name="b"),
        asyncio.create_task(work("c", 0.25), name="c"),
    ]
    pending = set(tasks)
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        print(f"done: {sorted(t.get_name() for t in done)}")
        print(f"pending: {sorted(t.get_name() for t in pending)}")


asyncio.run(main())
