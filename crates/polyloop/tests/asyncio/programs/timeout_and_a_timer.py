# A deadline and a timer behind it, both due at once: the timer runs before what was given up.
import asyncio
import time


async def main():
    loop = asyncio.get_running_loop()

    async def guarded():
        try:
            async with asyncio.timeout(0.010):
                try:
                    await asyncio.sleep(10)
                finally:
                    print("cleans up")
        except TimeoutError:
            print("timed out")

    task = asyncio.create_task(guarded())
    await asyncio.sleep(0)
    loop.call_later(0.012, print, "timer")
    time.sleep(0.03)
    print("held up")
    await task
    print("end")


asyncio.run(main())
