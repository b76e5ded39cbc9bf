# An event wakes all that wait, in their order; then waiting does not yield.
import asyncio


async def waiter(name, event):
    print(f"{name} waits")
    await event.wait()
    print(f"{name} goes on")


async def main():
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    tasks = [asyncio.create_task(waiter(name, event)) for name in "abc"]
    await asyncio.sleep(0)
    event.set()
    loop.call_soon(print, "soon behind the set")
    print("set")
    for task in tasks:
        await task
    loop.call_soon(print, "soon")
    await event.wait()
    print("did not yield")
    await asyncio.sleep(0)


asyncio.run(main())
