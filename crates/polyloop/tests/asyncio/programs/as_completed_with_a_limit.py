# as_completed tells when its time is over, and cancels nothing.
import asyncio


async def work(name, delay):
    await asyncio.sleep(delay)
    print(f"{name} ends")
    return name


async def main():
    slow = asyncio.create_task(work("slow", 0.25))
    try:
        for next_one in asyncio.as_completed([slow, work("quick", 0.05)], timeout=0.15):
            print(f"got {await next_one}")
    except TimeoutError:
        print("timed out")
    print(await slow)


asyncio.run(main())
