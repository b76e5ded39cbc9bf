# Lesson: awaiting coroutines in turn, or as tasks.
import asyncio


async def say(word, delay):
    print(f"{word} starts")
    await asyncio.sleep(delay)
    print(f"{word} ends")


async def main():
    print("in turn")
    await say("one", 0.1)
    await say("two", 0.05)
    print("as tasks")
    one = asyncio.create_task(say("one", 0.1))
    two = asyncio.create_task(say("two", 0.05))
    await one
    await two


asyncio.run(main())
