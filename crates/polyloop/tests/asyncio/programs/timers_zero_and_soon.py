# A timer of zero becomes ready in the next iteration, behind what is ready by then.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    loop.call_later(0, print, "timer 1")
    loop.call_soon(print, "soon 1")
    loop.call_later(0, print, "timer 2")
    loop.call_soon(print, "soon 2")
    await asyncio.sleep(0)
    print("resumed")
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
