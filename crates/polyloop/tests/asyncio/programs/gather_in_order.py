# The results come in the order of the arguments, whoever ends first.
import asyncio


async def work(name, delay):
    await asyncio.sleep(delay)
    print(f"{name} ends")
    return name


async def main():
    print(await asyncio.gather(work("slow", 0.15), work("quick", 0.05), work("medium", 0.1)))


asyncio.run(main())
