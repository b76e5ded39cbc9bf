# A group in a group's task.
import asyncio


async def leaf(name, delay):
    await asyncio.sleep(delay)
    print(f"{name} ends")


async def branch(name):
    async with asyncio.TaskGroup() as group:
        group.create_task(leaf(name + "x", 0.1))
        group.create_task(leaf(name + "y", 0.05))
    print(f"branch {name} ends")


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(branch("a"))
        group.create_task(leaf("b", 0.2))
    print("end")


asyncio.run(main())
