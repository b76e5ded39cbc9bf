# Tasks begin in the order they were made in, not before their maker yields.
import asyncio


async def work(name):
    print(f"{name} runs")


async def main():
    tasks = [asyncio.create_task(work(name)) for name in ("a", "b", "c")]
    print("made")
    for task in reversed(tasks):
        await task
    print("end")


asyncio.run(main())
