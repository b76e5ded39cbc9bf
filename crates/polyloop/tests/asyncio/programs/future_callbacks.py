# A future's callbacks run in the order in which they were added, awaiters among them.
import asyncio


async def waiter(name, future):
    print(f"{name}: {await future}")


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    future.add_done_callback(lambda future: print("callback 1"))
    one = asyncio.create_task(waiter("one", future))
    two = asyncio.create_task(waiter("two", future))
    await asyncio.sleep(0)
    future.add_done_callback(lambda future: print("callback 2"))
    future.set_result("result")
    try:
        future.set_result("again")
    except asyncio.InvalidStateError:
        print("invalid state")
    await one
    await two


asyncio.run(main())
