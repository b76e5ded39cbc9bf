# What is shielded goes on when its awaiter is cancelled.
import asyncio


async def inner():
    print("inner begins")
    await asyncio.sleep(0.15)
    print("inner ends")


async def outer(task):
    try:
        await asyncio.shield(task)
    finally:
        print("outer cleans up")


async def main():
    task = asyncio.create_task(inner())
    awaiter = asyncio.create_task(outer(task))
    await asyncio.sleep(0.05)
    awaiter.cancel()
    try:
        await awaiter
    except asyncio.CancelledError:
        print("outer cancelled")
    await task
    print("end")


asyncio.run(main())
