# The inner deadline comes first: only the inner block ends.
import asyncio


async def main():
    try:
        async with asyncio.timeout(0.25):
            try:
                async with asyncio.timeout(0.05):
                    await asyncio.sleep(10)
            except TimeoutError:
                print("inner timed out")
            await asyncio.sleep(0.05)
            print("outer goes on")
    except TimeoutError:
        print("never")
    print("end")


asyncio.run(main())
