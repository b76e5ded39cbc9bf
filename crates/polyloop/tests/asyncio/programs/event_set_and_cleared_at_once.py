# Who waited when the event was set goes on though it was cleared again.
import asyncio


async def waiter(name, event):
    await event.wait()
    print(f"{name} goes on, set: {event.is_set()}")


async def main():
    event = asyncio.Event()
    one = asyncio.create_task(waiter("one", event))
    await asyncio.sleep(0)
    two = asyncio.create_task(waiter("two", event))
    event.set()
    event.clear()
    await one
    await asyncio.sleep(0.05)
    print(f"two done: {two.done()}")
    event.set()
    await two


asyncio.run(main())
