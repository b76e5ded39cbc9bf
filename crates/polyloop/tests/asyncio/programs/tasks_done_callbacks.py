# Done callbacks and the awaiter follow the end in the order in which they were added.
import asyncio


async def work(yields):
    for _ in range(yields):
        await asyncio.sleep(0)
    print("work ends")


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work(2))
    task.add_done_callback(lambda task: print("before the awaiter"))
    loop.call_soon(lambda: task.add_done_callback(lambda task: print("behind the awaiter")))
    await task
    print("awaiter")
    task.add_done_callback(lambda task: print("late"))
    print("added late")
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
