# What a callback queues runs in the next iteration.
import asyncio


async def main():
    loop = asyncio.get_running_loop()

    def outer(name):
        print(f"outer {name}")
        loop.call_soon(inner, name)

    def inner(name):
        print(f"inner {name}")
        loop.call_soon(print, f"innermost {name}")

    loop.call_soon(outer, "a")
    loop.call_soon(outer, "b")
    for n in range(4):
        await asyncio.sleep(0)
        print(f"iteration {n}")


asyncio.run(main())
