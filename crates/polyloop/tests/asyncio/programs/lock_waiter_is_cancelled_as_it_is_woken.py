# A waiter that is cancelled after the lock was passed to it passes it on.
import asyncio


async def work(name, lock):
    try:
        async with lock:
            print(f"{name} has the lock")
    finally:
        print(f"{name} ends")


async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    tasks = [asyncio.create_task(work(name, lock)) for name in "abc"]
    await asyncio.sleep(0)
    lock.release()
    tasks[0].cancel()
    print("released and cancelled")
    await asyncio.sleep(0.05)
    print(f"locked: {lock.locked()}")


asyncio.run(main())
