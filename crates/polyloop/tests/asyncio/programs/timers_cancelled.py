# A timer can be cancelled until its callback runs, in its own iteration too.
import asyncio
import time


async def main():
    loop = asyncio.get_running_loop()
    loop.call_later(0.01, print, "never").cancel()

    def first():
        print("first")
        second.cancel()

    now = loop.time()
    loop.call_at(now + 0.010, first)
    second = loop.call_at(now + 0.011, print, "second")
    loop.call_at(now + 0.012, print, "third")
    time.sleep(0.03)
    await asyncio.sleep(0.01)
    second.cancel()
    print(f"second cancelled: {second.cancelled()}")


asyncio.run(main())
