# Tasks are cancelled in the order of the requests.
import asyncio


async def work(name):
    try:
        await asyncio.sleep(10)
    finally:
        print(f"{name} cleans up")


async def main():
    tasks = {name: asyncio.create_task(work(name)) for name in "abc"}
    for name, task in tasks.items():
        task.add_done_callback(lambda task, name=name: print(f"callback {name}"))
    await asyncio.sleep(0)
    for name in "cab":
        tasks[name].cancel()
    print("requested")
    await asyncio.sleep(0)
    print("one iteration later")
    await asyncio.sleep(0)
    print("two iterations later")


asyncio.run(main())
