# In the loop's own thread call_soon_threadsafe keeps its place among the others.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(print, "1")
    loop.call_soon_threadsafe(print, "2")
    loop.call_soon(print, "3")
    loop.call_soon_threadsafe(print, "4")
    await asyncio.sleep(0)
    print("resumed")
    await asyncio.sleep(0.05)
    print("end")


asyncio.run(main())
