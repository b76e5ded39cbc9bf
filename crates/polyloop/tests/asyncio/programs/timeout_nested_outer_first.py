# The outer deadline comes first: the inner block ends with it.
import asyncio


async def main():
    try:
        async with asyncio.timeout(0.05):
            try:
                async with asyncio.timeout(0.25):
                    try:
                        await asyncio.sleep(10)
                    finally:
                        print("cleans up")
            except TimeoutError:
                print("never")
            print("never either")
    except TimeoutError:
        print("outer timed out")
    print("end")


asyncio.run(main())
