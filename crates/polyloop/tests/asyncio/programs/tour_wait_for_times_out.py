# needs: 3.12
# Lesson: a wait that is given up.
import asyncio


async def slow():
    try:
        print("slow starts")
        await asyncio.sleep(1)
        print("slow ends")
    finally:
        print("slow cleans up")


async def main():
    try:
        await asyncio.wait_for(slow(), 0.05)
    except TimeoutError:
        print("timed out")


asyncio.run(main())
