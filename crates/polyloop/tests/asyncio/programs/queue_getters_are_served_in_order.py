# Who waits longest for an item gets the next.
import asyncio


async def getter(name, queue):
    print(f"{name} waits")
    print(f"{name} got {await queue.get()}")


async def main():
    queue = asyncio.Queue()
    tasks = [asyncio.create_task(getter(name, queue)) for name in "abc"]
    await asyncio.sleep(0)
    for n in range(3):
        queue.put_nowait(n)
    print("put three")
    for task in tasks:
        await task


asyncio.run(main())
