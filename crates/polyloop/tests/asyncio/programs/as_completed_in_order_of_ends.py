# as_completed gives what ends, in the order of the ends.
import asyncio


async def work(name, delay):
    await asyncio.sleep(delay)
    print(f"{name} ends")
    return name


async def main():
    for next_one in asyncio.as_completed([work("a", 0.15), work("b", 0.05), work("c", 0.1)]):
        print(f"got {await next_one}")


asyncio.run(main())
