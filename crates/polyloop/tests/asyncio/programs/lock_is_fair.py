# A lock goes to who waited longest.
import asyncio


async def work(name, lock):
    print(f"{name} wants the lock")
    async with lock:
        print(f"{name} has the lock")
        await asyncio.sleep(0)
    print(f"{name} gave the lock back")


async def main():
    lock = asyncio.Lock()
    await asyncio.gather(*(work(name, lock) for name in "abc"))


asyncio.run(main())
