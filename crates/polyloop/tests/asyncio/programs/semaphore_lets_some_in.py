# A semaphore lets so many in, the others in their order.
import asyncio


async def work(name, semaphore, delay):
    async with semaphore:
        print(f"{name} is in")
        await asyncio.sleep(delay)
        print(f"{name} is out")


async def main():
    semaphore = asyncio.Semaphore(2)
    await asyncio.gather(
        work("a", semaphore, 0.15),
        work("b", semaphore, 0.05),
        work("c", semaphore, 0.05),
        work("d", semaphore, 0.15),
    )
    print(f"locked: {semaphore.locked()}")


asyncio.run(main())
