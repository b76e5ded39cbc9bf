# Without a limit wait_for only waits.
import asyncio


async def work():
    print("work begins")
    await asyncio.sleep(0)
    print("work ends")
    return "result"


async def main():
    asyncio.get_running_loop().call_soon(print, "soon")
    print(await asyncio.wait_for(work(), None))


asyncio.run(main())
