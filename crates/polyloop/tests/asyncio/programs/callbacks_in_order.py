# Callbacks run first in, first out, in the next iteration.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    for name in "abc":
        loop.call_soon(print, name)
    print("queued")
    await asyncio.sleep(0)
    print("resumed")


asyncio.run(main())
