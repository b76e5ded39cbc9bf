# A cancelled waiter leaves the queue; the lock goes to the next.
import asyncio


async def work(name, lock):
    try:
        async with lock:
            print(f"{name} has the lock")
            await asyncio.sleep(0.1)
    finally:
        print(f"{name} ends")


async def main():
    lock = asyncio.Lock()
    tasks = [asyncio.create_task(work(name, lock)) for name in "abc"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.wait(tasks)
    print(f"locked: {lock.locked()}")


asyncio.run(main())
