# needs: 3.12
# Cancelling who runs a group cancels its tasks first.
import asyncio


async def slow(name):
    try:
        await asyncio.sleep(10)
    finally:
        print(f"{name} cleans up")


async def owner():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(slow("a"))
            group.create_task(slow("b"))
    finally:
        print("owner cleans up")


async def main():
    task = asyncio.create_task(owner())
    await asyncio.sleep(0.05)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("awaiter told")


asyncio.run(main())
