# The running task and all tasks can be asked for.
import asyncio


async def work():
    print(f"current: {asyncio.current_task().get_name()}")
    print(f"all: {sorted(task.get_name() for task in asyncio.all_tasks())}")


async def main():
    asyncio.current_task().set_name("root")
    task = asyncio.create_task(work(), name="worker")
    await task
    print(f"current: {asyncio.current_task().get_name()}")
    print(f"all: {sorted(task.get_name() for task in asyncio.all_tasks())}")


asyncio.run(main())
