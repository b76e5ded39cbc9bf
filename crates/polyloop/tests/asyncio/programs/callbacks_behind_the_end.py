# What the main coroutine queues last still runs before the loop ends.
import asyncio


async def main():
    loop = asyncio.get_running_loop()

    def chain(n):
        print(f"behind the end: {n}")
        if n < 3:
            loop.call_soon(chain, n + 1)

    loop.call_soon(chain, 1)
    asyncio.create_task(asyncio.sleep(0)).add_done_callback(lambda task: print("task done"))
    print("main ends")


asyncio.run(main())
