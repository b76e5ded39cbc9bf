# A deadline that has passed takes effect at the first wait.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(print, "soon before")
    try:
        async with asyncio.timeout(0):
            loop.call_soon(print, "soon inside")
            print("inside")
            await asyncio.sleep(10)
            print("never")
    except TimeoutError:
        print("timed out")
    async with asyncio.timeout(0):
        print("nothing to wait for")
    print("end")


asyncio.run(main())
