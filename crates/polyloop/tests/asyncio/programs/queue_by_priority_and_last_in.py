# A priority queue gives the least first, a LIFO queue the latest.
import asyncio


async def drain(queue):
    while not queue.empty():
        print(await queue.get())


async def main():
    priority, stack = asyncio.PriorityQueue(), asyncio.LifoQueue()
    for n in (3, 1, 2):
        priority.put_nowait(n)
        stack.put_nowait(n)
    print("priority")
    await drain(priority)
    print("stack")
    await drain(stack)


asyncio.run(main())
