# A gather of nothing does not yield.
import asyncio


async def main():
    asyncio.get_running_loop().call_soon(print, "soon")
    print(await asyncio.gather())
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
