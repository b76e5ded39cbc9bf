# Cancelling a task that has ended changes nothing.
import asyncio


async def work():
    return 1


async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    print(f"done: {task.done()}, cancel: {task.cancel()}, cancelled: {task.cancelled()}")
    print(await task)
    task = asyncio.create_task(work())
    task.cancel()
    await asyncio.sleep(0)
    print(f"done: {task.done()}, cancel: {task.cancel()}, cancelled: {task.cancelled()}")


asyncio.run(main())
