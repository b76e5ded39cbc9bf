# An aborted barrier tells all who wait; a reset one can be used again.
import asyncio


async def work(name, barrier):
    try:
        await barrier.wait()
        print(f"{name} goes on")
    except asyncio.BrokenBarrierError:
        print(f"{name}: broken")


async def main():
    barrier = asyncio.Barrier(3)
    tasks = [asyncio.create_task(work(name, barrier)) for name in "ab"]
    await asyncio.sleep(0.05)
    await barrier.abort()
    print(f"broken: {barrier.broken}")
    await asyncio.sleep(0.05)
    await work("late", barrier)
    await barrier.reset()
    print(f"broken: {barrier.broken}")
    await asyncio.gather(*(work(name, barrier) for name in "cde"), *tasks)


asyncio.run(main())
