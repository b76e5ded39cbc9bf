# A request that comes when the wait has just ended still cancels.
import asyncio


async def work(ready):
    try:
        await ready
        print("never")
    finally:
        print("cleans up")


async def nothing():
    await asyncio.sleep(0)
    print("ready")


async def main():
    ready = asyncio.create_task(nothing())
    task = asyncio.create_task(work(ready))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print(f"cancel: {task.cancel()}")
    try:
        await task
    except asyncio.CancelledError:
        print("awaiter told")


asyncio.run(main())
