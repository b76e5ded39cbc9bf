# Tasks that yield take turns, each ending when it is done.
import asyncio


async def count(name, steps):
    for n in range(steps):
        print(f"{name}{n}")
        await asyncio.sleep(0)
    print(f"{name} ends")


async def main():
    tasks = [asyncio.create_task(count(name, steps)) for name, steps in (("a", 2), ("b", 3), ("c", 1))]
    for task in tasks:
        await task
        print("awaited")


asyncio.run(main())
