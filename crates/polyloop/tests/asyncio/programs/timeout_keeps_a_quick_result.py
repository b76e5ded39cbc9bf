# What ends before its deadline is not disturbed by it.
import asyncio


async def main():
    async with asyncio.timeout(0.15):
        await asyncio.sleep(0.05)
        print("slept")
    print("left")
    await asyncio.sleep(0.2)
    print("the deadline has passed")


asyncio.run(main())
