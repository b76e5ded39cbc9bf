# needs: 3.12
# Each task has its own limit.
import asyncio


async def work(name, delay, limit):
    try:
        await asyncio.wait_for(asyncio.sleep(delay), limit)
        print(f"{name} ends")
    except TimeoutError:
        print(f"{name} times out")


async def main():
    await asyncio.gather(work("a", 0.25, 0.15), work("b", 0.05, 0.2), work("c", 0.3, 0.1))


asyncio.run(main())
