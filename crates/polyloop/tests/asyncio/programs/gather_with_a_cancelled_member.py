# A member that is cancelled ends the gather; the others run on.
import asyncio


async def work(name, delay):
    try:
        await asyncio.sleep(delay)
        print(f"{name} ends")
    finally:
        print(f"{name} cleans up")


async def main():
    victim = asyncio.create_task(work("victim", 10))

    def cancel():
        print("cancels")
        victim.cancel()

    asyncio.get_running_loop().call_later(0.05, cancel)
    try:
        await asyncio.gather(work("other", 0.15), victim)
    except asyncio.CancelledError:
        print("gather cancelled")
    await asyncio.sleep(0.2)


asyncio.run(main())
