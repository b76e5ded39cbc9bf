# Who awaits a task runs in the iteration after the task's end.
import asyncio


async def work():
    print("task begins")
    await asyncio.sleep(0)
    print("task ends")


async def main():
    loop = asyncio.get_running_loop()

    def tick(n):
        print(f"tick {n}")
        if n < 4:
            loop.call_soon(tick, n + 1)

    task = asyncio.create_task(work())
    loop.call_soon(tick, 0)
    await task
    print("awaiter")
    await asyncio.sleep(0)
    await asyncio.sleep(0)


asyncio.run(main())
