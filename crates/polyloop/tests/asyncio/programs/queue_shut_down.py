# needs: 3.13
# A queue that is shut down gives what it has, then tells.
import asyncio


async def getter(name, queue):
    try:
        while True:
            print(f"{name} got {await queue.get()}")
    except asyncio.QueueShutDown:
        print(f"{name}: shut down")


async def main():
    queue = asyncio.Queue()
    tasks = [asyncio.create_task(getter(name, queue)) for name in "ab"]
    await asyncio.sleep(0)
    queue.put_nowait(1)
    queue.shutdown()
    print("shut down")
    try:
        queue.put_nowait(2)
    except asyncio.QueueShutDown:
        print("put refused")
    for task in tasks:
        await task


asyncio.run(main())
