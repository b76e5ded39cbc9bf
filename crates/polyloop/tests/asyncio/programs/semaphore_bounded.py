# A bounded semaphore refuses to be released too often.
import asyncio


async def main():
    semaphore = asyncio.BoundedSemaphore(1)
    async with semaphore:
        print(f"in, locked: {semaphore.locked()}")
    try:
        semaphore.release()
    except ValueError:
        print("released too often")
    print(f"locked: {semaphore.locked()}")


asyncio.run(main())
