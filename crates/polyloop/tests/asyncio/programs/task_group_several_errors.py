# Errors of one iteration are all told, in the order of the ends.
import asyncio


async def bad(name):
    await asyncio.sleep(0)
    print(f"{name} raises")
    raise ValueError(name)


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            for name in "ab":
                group.create_task(bad(name))
    except* ValueError as errors:
        print(f"errors: {[str(error) for error in errors.exceptions]}")


asyncio.run(main())
