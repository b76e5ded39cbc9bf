# A group ends when all its tasks have.
import asyncio


async def work(name, delay):
    print(f"{name} begins")
    await asyncio.sleep(delay)
    print(f"{name} ends")
    return name


async def main():
    async with asyncio.TaskGroup() as group:
        one = group.create_task(work("one", 0.1))
        two = group.create_task(work("two", 0.05))
        print("body ends")
    print(f"group ended: {one.result()}, {two.result()}")


asyncio.run(main())
