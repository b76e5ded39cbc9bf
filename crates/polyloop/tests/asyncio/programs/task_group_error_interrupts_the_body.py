# An error of a task cancels the body's wait.
import asyncio


async def bad():
    await asyncio.sleep(0.05)
    print("bad raises")
    raise ValueError("bad")


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(bad())
            try:
                await asyncio.sleep(10)
            finally:
                print("body cleans up")
    except* ValueError:
        print("group failed")


asyncio.run(main())
