# Five timers of one time: CPython's heap does not keep their order.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    when = loop.time() + 0.05
    for name in "abcde":
        loop.call_at(when, print, name)
    await asyncio.sleep(0.1)
    print("end")


asyncio.run(main())
