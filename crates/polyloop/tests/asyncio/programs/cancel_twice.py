# A second request before the first took effect still cancels once.
import asyncio


async def work():
    try:
        await asyncio.sleep(10)
    finally:
        print("cleans up")


async def main():
    task = asyncio.create_task(work())
    task.add_done_callback(lambda task: print("callback"))
    await asyncio.sleep(0)
    print(f"first: {task.cancel()}, second: {task.cancel()}")
    await asyncio.sleep(0)
    print(f"done: {task.done()}, third: {task.cancel()}")
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
