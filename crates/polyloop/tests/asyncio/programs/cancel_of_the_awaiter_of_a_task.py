# Cancelling a task that awaits another ends the other too.
import asyncio


async def inner():
    try:
        await asyncio.sleep(10)
    finally:
        print("inner cleans up")


async def outer():
    try:
        await asyncio.create_task(inner())
    finally:
        print("outer cleans up")


async def main():
    task = asyncio.create_task(outer())
    await asyncio.sleep(0.05)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("awaiter told")
    await asyncio.sleep(0.05)


asyncio.run(main())
