# A task that a task makes begins in the next iteration.
import asyncio


async def work(name, depth):
    print(f"{name} begins")
    if depth:
        child = asyncio.create_task(work(name + "'", depth - 1))
        print(f"{name} made a child")
        await child
    print(f"{name} ends")


async def main():
    one = asyncio.create_task(work("a", 2))
    two = asyncio.create_task(work("b", 1))
    await one
    await two


asyncio.run(main())
