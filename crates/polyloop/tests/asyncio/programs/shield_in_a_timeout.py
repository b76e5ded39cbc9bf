# needs: 3.12
# A wait for something shielded is given up without ending it.
import asyncio


async def inner():
    await asyncio.sleep(0.15)
    print("inner ends")
    return "result"


async def main():
    task = asyncio.create_task(inner())
    try:
        await asyncio.wait_for(asyncio.shield(task), 0.05)
    except TimeoutError:
        print(f"timed out, done: {task.done()}")
    print(await task)


asyncio.run(main())
