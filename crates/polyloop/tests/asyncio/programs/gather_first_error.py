# The first error ends the gather at once; the other members run on.
import asyncio


async def bad():
    await asyncio.sleep(0.05)
    print("bad raises")
    raise ValueError("bad")


async def good():
    await asyncio.sleep(0.15)
    print("good ends")


async def main():
    try:
        await asyncio.gather(good(), bad())
    except ValueError as error:
        print(f"gather: {error}")
    await asyncio.sleep(0.2)
    print("end")


asyncio.run(main())
