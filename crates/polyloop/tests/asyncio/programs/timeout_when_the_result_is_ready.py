# The result and the deadline are due in one iteration.
import asyncio
import time


async def guarded():
    try:
        async with asyncio.timeout(0.012):
            await asyncio.sleep(0.010)
            print("slept")
    except TimeoutError:
        print("timed out")


async def main():
    task = asyncio.create_task(guarded())
    await asyncio.sleep(0)
    time.sleep(0.04)
    await task


asyncio.run(main())
