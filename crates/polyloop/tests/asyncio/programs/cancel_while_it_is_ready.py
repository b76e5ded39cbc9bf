# A task that is ready already is cancelled in the place it has.
import asyncio


async def work():
    try:
        await asyncio.sleep(0)
        print("never")
    finally:
        print("cleans up")


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    loop.call_soon(print, "behind the task")
    print(f"cancel: {task.cancel()}")
    try:
        await task
    except asyncio.CancelledError:
        print("awaiter told")


asyncio.run(main())
