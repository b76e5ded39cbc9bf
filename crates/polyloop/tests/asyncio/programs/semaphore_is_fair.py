# A released place goes to who waits, not to who comes just then.
import asyncio


async def waiter(name, semaphore):
    await semaphore.acquire()
    print(f"{name} has a place")
    await asyncio.sleep(0)
    semaphore.release()


async def main():
    semaphore = asyncio.Semaphore(1)
    await semaphore.acquire()
    tasks = [asyncio.create_task(waiter(name, semaphore)) for name in "ab"]
    await asyncio.sleep(0)
    semaphore.release()
    print(f"released, locked: {semaphore.locked()}")
    await semaphore.acquire()
    print("main has a place")
    semaphore.release()
    for task in tasks:
        await task


asyncio.run(main())
