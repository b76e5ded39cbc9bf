# needs: 3.13
# Names are given, numbered or changed; the main task is the first.
import asyncio


async def nothing():
    pass


async def main():
    named = asyncio.create_task(nothing(), name="fetch")
    first = asyncio.create_task(nothing())
    second = asyncio.create_task(nothing())
    print(named.get_name())
    print(first.get_name())
    print(second.get_name())
    second.set_name("renamed")
    second.add_done_callback(lambda task: print(f"done: {task.get_name()}"))
    await second
    await asyncio.sleep(0)


asyncio.run(main())
