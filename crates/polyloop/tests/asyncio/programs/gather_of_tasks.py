# needs: 3.12
# A gather of tasks that run already.
import asyncio


async def work(name, yields):
    for _ in range(yields):
        await asyncio.sleep(0)
    print(f"{name} ends")
    return name


async def main():
    loop = asyncio.get_running_loop()

    def tick(n):
        print(f"tick {n}")
        if n < 6:
            loop.call_soon(tick, n + 1)

    one = asyncio.create_task(work("one", 1))
    two = asyncio.create_task(work("two", 2))
    loop.call_soon(tick, 0)
    print(await asyncio.gather(one, two))
    for _ in range(4):
        await asyncio.sleep(0)


asyncio.run(main())
