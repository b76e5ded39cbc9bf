# A task that cancels itself is cancelled where it next waits.
import asyncio


async def work():
    print(f"cancel: {task.cancel()}")
    print("goes on until it waits")
    try:
        await asyncio.sleep(0)
        print("never")
    finally:
        print("cleans up")


async def main():
    global task
    task = asyncio.create_task(work())
    asyncio.get_running_loop().call_soon(print, "behind the task")
    try:
        await task
    except asyncio.CancelledError:
        print("awaiter told")


asyncio.run(main())
