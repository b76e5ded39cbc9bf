# A timer of zero that a timer arms runs in the next iteration, behind what is ready.
import asyncio


async def main():
    loop = asyncio.get_running_loop()

    def first():
        print("first")
        loop.call_later(0, second)
        loop.call_soon(print, "soon of the first")

    def second():
        print("second")
        loop.call_later(0.05, print, "third")

    loop.call_later(0.05, first)
    await asyncio.sleep(0.2)
    print("end")


asyncio.run(main())
