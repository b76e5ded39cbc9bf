# Cleaning up goes from the innermost call outwards.
import asyncio


async def inner():
    try:
        await asyncio.sleep(10)
    finally:
        print("inner cleans up")


async def outer():
    try:
        try:
            await inner()
        finally:
            print("outer cleans up")
    finally:
        print("outermost cleans up")


async def main():
    task = asyncio.create_task(outer())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("awaiter told")


asyncio.run(main())
