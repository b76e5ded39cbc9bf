# join waits until everything that was put has been done.
import asyncio


async def worker(queue):
    while True:
        item = await queue.get()
        await asyncio.sleep(0)
        print(f"did {item}")
        queue.task_done()


async def main():
    queue = asyncio.Queue()
    for n in range(3):
        queue.put_nowait(n)
    task = asyncio.create_task(worker(queue))
    await queue.join()
    print("joined")
    task.cancel()
    try:
        queue.task_done()
    except ValueError:
        print("done too often")


asyncio.run(main())
