# An exception is the task's result; the other tasks live.
import asyncio


async def bad():
    print("bad runs")
    raise ValueError("bad")


async def good():
    print("good runs")
    await asyncio.sleep(0)
    print("good ends")
    return "fine"


async def main():
    one, two = asyncio.create_task(bad()), asyncio.create_task(good())
    one.add_done_callback(lambda task: print(f"callback: {task.exception()}"))
    try:
        await one
    except ValueError as error:
        print(f"awaiter: {error}")
    print(await two)


asyncio.run(main())
