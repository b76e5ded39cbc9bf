# Cancelling a task that gathers ends the members too.
import asyncio


async def member(name):
    try:
        await asyncio.sleep(10)
    finally:
        print(f"{name} cleans up")


async def outer():
    try:
        await asyncio.gather(member("a"), member("b"))
    finally:
        print("outer cleans up")


async def main():
    task = asyncio.create_task(outer())
    await asyncio.sleep(0.05)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("awaiter told")
    await asyncio.sleep(0.05)


asyncio.run(main())
