# A sleep of zero or less yields exactly once.
import asyncio


async def main():
    loop = asyncio.get_running_loop()

    def tick(n):
        print(f"tick {n}")
        if n < 3:
            loop.call_soon(tick, n + 1)

    loop.call_soon(tick, 0)
    for n in range(3):
        await asyncio.sleep(0)
        print(f"step {n}")


asyncio.run(main())
