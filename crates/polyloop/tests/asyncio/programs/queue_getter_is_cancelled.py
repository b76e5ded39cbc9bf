# A cancelled getter takes no item with it.
import asyncio


async def getter(name, queue):
    try:
        print(f"{name} got {await queue.get()}")
    finally:
        print(f"{name} ends")


async def main():
    queue = asyncio.Queue()
    one = asyncio.create_task(getter("one", queue))
    two = asyncio.create_task(getter("two", queue))
    await asyncio.sleep(0)
    queue.put_nowait("item")
    one.cancel()
    print("put and cancelled")
    await two
    print(f"size {queue.qsize()}")


asyncio.run(main())
