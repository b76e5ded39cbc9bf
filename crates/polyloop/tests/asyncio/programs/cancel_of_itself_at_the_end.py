# A task that cancels itself and then returns.
import asyncio


async def work():
    print(f"cancel: {task.cancel()}")
    return "result"


async def main():
    global task
    task = asyncio.create_task(work())
    try:
        print(await task)
    except asyncio.CancelledError:
        print("cancelled")


asyncio.run(main())
