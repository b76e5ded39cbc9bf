# wait cancels nothing when its time is over.
import asyncio


async def work(name, delay):
    await asyncio.sleep(delay)
    print(f"{name} ends")


async def main():
    tasks = [
        asyncio.create_task(work("a", 0.05), name="a"),
        asyncio.create_task(work("b", 0.25), name="b"),
    ]
    done, pending = await asyncio.wait(tasks, timeout=0.15)
    print(f"done: {[t.get_name() for t in done]}, pending: {[t.get_name() for t in pending]}")
    await tasks[1]
    print("end")


asyncio.run(main())
