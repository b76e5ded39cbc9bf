# At the deadline what waits cleans up, then its owner is told.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    loop.call_later(0.05, print, "before the deadline")
    try:
        async with asyncio.timeout(0.15):
            try:
                await asyncio.sleep(10)
            finally:
                print("cleans up")
    except TimeoutError:
        print("timed out")
    loop.call_soon(print, "soon")
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
