# A task that is cancelled before it began never runs.
import asyncio


async def work():
    print("never")


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work())
    task.add_done_callback(lambda task: print(f"callback: {task.cancelled()}"))
    print(f"cancel: {task.cancel()}, done: {task.done()}")
    loop.call_soon(print, "soon")
    try:
        await task
    except asyncio.CancelledError:
        print("awaiter told")
    print(f"cancelled: {task.cancelled()}")


asyncio.run(main())
