# Lesson: two waits take as long as the longer.
import asyncio


async def nap(name, delay):
    print(f"{name} starts")
    await asyncio.sleep(delay)
    print(f"{name} ends")
    return name


async def main():
    print(await asyncio.gather(nap("long", 0.15), nap("short", 0.05)))


asyncio.run(main())
