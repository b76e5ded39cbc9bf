# A future that is cancelled cancels who awaits it.
import asyncio


async def waiter(future):
    try:
        await future
    except asyncio.CancelledError:
        print("waiter told")
        raise


async def main():
    future = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda future: print(f"callback: {future.cancelled()}"))
    task = asyncio.create_task(waiter(future))
    await asyncio.sleep(0)
    print(f"cancel: {future.cancel()}, again: {future.cancel()}")
    try:
        await task
    except asyncio.CancelledError:
        print("awaiter told")


asyncio.run(main())
