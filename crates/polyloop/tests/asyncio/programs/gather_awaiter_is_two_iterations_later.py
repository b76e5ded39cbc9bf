# Who awaits a gather runs two iterations after the last member's end.
import asyncio


async def work(name, yields):
    for _ in range(yields):
        await asyncio.sleep(0)
    print(f"{name} ends")


async def main():
    loop = asyncio.get_running_loop()

    def tick(n):
        print(f"tick {n}")
        if n < 6:
            loop.call_soon(tick, n + 1)

    loop.call_soon(tick, 0)
    await asyncio.gather(work("a", 2), work("b", 1))
    print("awaiter")
    for _ in range(3):
        await asyncio.sleep(0)


asyncio.run(main())
