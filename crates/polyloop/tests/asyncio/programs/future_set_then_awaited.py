# A future that is set wakes its awaiter in the next iteration; a set one does not yield.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def set_result():
        future.set_result("result")
        print("set")
        loop.call_soon(print, "soon behind the set")

    loop.call_soon(set_result)
    print(await future)
    loop.call_soon(print, "soon again")
    print(await future)
    await asyncio.sleep(0)


asyncio.run(main())
