# Who awaits a shield runs two iterations after the inner task's end.
import asyncio


async def inner():
    await asyncio.sleep(0)
    print("inner ends")
    return "result"


async def main():
    loop = asyncio.get_running_loop()

    def tick(n):
        print(f"tick {n}")
        if n < 4:
            loop.call_soon(tick, n + 1)

    loop.call_soon(tick, 0)
    print(await asyncio.shield(inner()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)


asyncio.run(main())
