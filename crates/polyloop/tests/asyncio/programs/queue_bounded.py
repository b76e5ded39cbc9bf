# A full queue holds the producer up.
import asyncio


async def producer(queue):
    for n in range(4):
        await queue.put(n)
        print(f"put {n}, size {queue.qsize()}")


async def consumer(queue):
    for _ in range(4):
        print(f"got {await queue.get()}")
        await asyncio.sleep(0)


async def main():
    queue = asyncio.Queue(maxsize=1)
    await asyncio.gather(producer(queue), consumer(queue))
    print(f"empty: {queue.empty()}, full: {queue.full()}")


asyncio.run(main())
