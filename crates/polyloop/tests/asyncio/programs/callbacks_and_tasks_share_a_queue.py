# Tasks and callbacks wait in one queue.
import asyncio


async def step(name):
    print(f"task {name} begins")
    await asyncio.sleep(0)
    print(f"task {name} ends")


async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(print, "callback 1")
    one = asyncio.create_task(step("one"))
    loop.call_soon(print, "callback 2")
    two = asyncio.create_task(step("two"))
    loop.call_soon(print, "callback 3")
    await one
    print("awaited one")
    await two
    print("awaited two")


asyncio.run(main())
