# A barrier lets a full round go on together.
import asyncio


async def work(name, barrier):
    for n in range(2):
        print(f"{name} arrives {n}")
        await barrier.wait()
        print(f"{name} goes on {n}")


async def main():
    barrier = asyncio.Barrier(3)
    await asyncio.gather(*(work(name, barrier) for name in "abc"))
    print(f"waiting: {barrier.n_waiting}, broken: {barrier.broken}")


asyncio.run(main())
