# Times that have passed are due at once, the earliest first.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    now = loop.time()
    loop.call_at(now - 1, print, "one second ago")
    loop.call_at(now - 3, print, "three seconds ago")
    loop.call_at(now - 2, print, "two seconds ago")
    loop.call_soon(print, "soon")
    await asyncio.sleep(0)
    print("resumed")
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
