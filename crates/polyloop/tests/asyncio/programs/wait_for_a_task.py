# needs: 3.12
# A task whose limit is over is cancelled, and has ended when its owner is told.
import asyncio


async def work():
    try:
        await asyncio.sleep(10)
    finally:
        print("work cleans up")


async def main():
    task = asyncio.create_task(work())
    try:
        await asyncio.wait_for(task, 0.05)
    except TimeoutError:
        print(f"timed out, cancelled: {task.cancelled()}")


asyncio.run(main())
