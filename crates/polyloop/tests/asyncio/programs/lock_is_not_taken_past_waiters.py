# Who releases a lock and wants it again waits behind those that wait already.
import asyncio


async def greedy(lock):
    for n in range(2):
        async with lock:
            print(f"greedy has the lock {n}")
            await asyncio.sleep(0)
    print("greedy ends")


async def patient(lock):
    async with lock:
        print("patient has the lock")
        await asyncio.sleep(0)
    print("patient ends")


async def main():
    lock = asyncio.Lock()
    await asyncio.gather(greedy(lock), patient(lock))
    print(f"locked: {lock.locked()}")


asyncio.run(main())
