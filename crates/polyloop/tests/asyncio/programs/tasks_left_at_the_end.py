# A task that is left when main ends is cancelled and told so; its done callback runs.
import asyncio


async def left():
    print("left begins")
    try:
        await asyncio.sleep(10)
    finally:
        print("left cleans up")


async def main():
    task = asyncio.create_task(left())
    task.add_done_callback(lambda task: print(f"callback: cancelled {task.cancelled()}"))
    await asyncio.sleep(0)
    print("main ends")


asyncio.run(main())
