# A done callback that was taken back is not called.
import asyncio


async def work():
    print("work ends")


async def main():
    def removed(task):
        print("never")

    task = asyncio.create_task(work())
    task.add_done_callback(lambda task: print("first"))
    task.add_done_callback(removed)
    task.add_done_callback(lambda task: print("second"))
    print(f"removed: {task.remove_done_callback(removed)}")
    print(f"removed again: {task.remove_done_callback(removed)}")
    await task
    print("awaiter")


asyncio.run(main())
