# A chain of callbacks and a task that yields advance side by side.
import asyncio


async def main():
    loop = asyncio.get_running_loop()

    def chain(n):
        print(f"callback {n}")
        if n < 4:
            loop.call_soon(chain, n + 1)

    async def steps():
        for n in range(4):
            print(f"task {n}")
            await asyncio.sleep(0)

    loop.call_soon(chain, 0)
    await steps()
    print("end")


asyncio.run(main())
