# needs: 3.12
# With a limit of zero the coroutine does not even begin.
import asyncio


async def work():
    print("work begins")
    await asyncio.sleep(0)
    print("never")


async def main():
    try:
        await asyncio.wait_for(work(), 0)
    except TimeoutError:
        print("timed out")


asyncio.run(main())
