# Two timers of one time run in the order they were made in.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    when = loop.time() + 0.05
    loop.call_at(when, print, "a")
    loop.call_at(when, print, "b")
    await asyncio.sleep(0.1)
    when = loop.time() - 1
    loop.call_at(when, print, "c")
    loop.call_at(when, print, "d")
    await asyncio.sleep(0.05)
    print("end")


asyncio.run(main())
