# Timers run in the order of their times, whatever the order they were made in.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    now = loop.time()
    loop.call_at(now + 0.15, print, "third")
    loop.call_at(now + 0.05, print, "first")
    loop.call_later(0.1, print, "second")
    print("armed")
    await asyncio.sleep(0.2)
    print("end")


asyncio.run(main())
