# Who awaits a wait runs two iterations after the last task's end.
import asyncio


async def work(name, yields):
    for _ in range(yields):
        await asyncio.sleep(0)
    print(f"{name} ends")


async def main():
    loop = asyncio.get_running_loop()

    def tick(n):
        print(f"tick {n}")
        if n < 5:
            loop.call_soon(tick, n + 1)

    tasks = [asyncio.create_task(work("a", 2)), asyncio.create_task(work("b", 1))]
    loop.call_soon(tick, 0)
    await asyncio.wait(tasks)
    print("awaiter")
    await asyncio.sleep(0)
    await asyncio.sleep(0)


asyncio.run(main())
