# A task that is cancelled does not fail its group.
import asyncio


async def slow():
    try:
        await asyncio.sleep(10)
    finally:
        print("slow cleans up")


async def other():
    await asyncio.sleep(0.15)
    print("other ends")


async def main():
    async with asyncio.TaskGroup() as group:
        task = group.create_task(slow())
        group.create_task(other())
        await asyncio.sleep(0.05)
        task.cancel()
        print("cancelled one")
    print("group ended")


asyncio.run(main())
