# Of two errors in one iteration the gather gives that of the member that ended first.
import asyncio
import time


async def signal():
    await asyncio.sleep(0.01)


async def bad(name, signal):
    await signal
    print(f"{name} raises")
    raise ValueError(name)


async def main():
    first = asyncio.create_task(signal())
    second = asyncio.create_task(signal())
    await asyncio.sleep(0)
    time.sleep(0.03)
    try:
        await asyncio.gather(bad("a", second), bad("b", first))
    except ValueError as error:
        print(f"gather: {error}")


asyncio.run(main())
