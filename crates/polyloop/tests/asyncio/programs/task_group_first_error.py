# The first error cancels the other tasks; the group ends when they have, and tells.
import asyncio


async def bad():
    await asyncio.sleep(0.05)
    print("bad raises")
    raise ValueError("bad")


async def slow(name):
    try:
        await asyncio.sleep(10)
    finally:
        print(f"{name} cleans up")


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(slow("one"))
            group.create_task(bad())
            group.create_task(slow("two"))
    except* ValueError as errors:
        print(f"errors: {[str(error) for error in errors.exceptions]}")
    print("end")


asyncio.run(main())
