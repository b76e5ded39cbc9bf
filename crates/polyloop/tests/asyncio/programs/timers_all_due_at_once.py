# A loop that was held up runs what became due in the order of the times.
import asyncio
import time


async def main():
    loop = asyncio.get_running_loop()
    now = loop.time()
    for n in (3, 1, 4, 2, 5):
        loop.call_at(now + n / 1000, print, f"due {n}")
    loop.call_soon(print, "soon")
    time.sleep(0.03)
    print("held up")
    await asyncio.sleep(0)
    print("resumed")
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
