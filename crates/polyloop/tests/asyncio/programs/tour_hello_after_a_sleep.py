# Lesson: a coroutine that waits.
import asyncio


async def main():
    print("hello")
    await asyncio.sleep(0.05)
    print("world")


asyncio.run(main())
