# A cancelled sleeper ends in the next iteration, in the place of the request.
import asyncio


async def work():
    try:
        await asyncio.sleep(10)
    finally:
        print("cleans up")


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work())
    task.add_done_callback(lambda task: print("callback"))
    await asyncio.sleep(0)
    loop.call_soon(print, "soon before")
    print(f"cancel: {task.cancel()}")
    loop.call_soon(print, "soon behind")
    try:
        await task
    except asyncio.CancelledError:
        print("awaiter told")


asyncio.run(main())
