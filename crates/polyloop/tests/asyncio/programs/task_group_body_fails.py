# An error of the body cancels the tasks.
import asyncio


async def slow():
    try:
        await asyncio.sleep(10)
    finally:
        print("slow cleans up")


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(slow())
            await asyncio.sleep(0)
            print("body raises")
            raise ValueError("body")
    except* ValueError as errors:
        print(f"errors: {[str(error) for error in errors.exceptions]}")


asyncio.run(main())
