# A queue without a bound: the consumer runs when it can.
import asyncio


async def producer(queue):
    for n in range(3):
        await queue.put(n)
        print(f"put {n}")
    await queue.put(None)


async def consumer(queue):
    while (item := await queue.get()) is not None:
        print(f"got {item}")
    print("consumer ends")


async def main():
    queue = asyncio.Queue()
    await asyncio.gather(consumer(queue), producer(queue))


asyncio.run(main())
