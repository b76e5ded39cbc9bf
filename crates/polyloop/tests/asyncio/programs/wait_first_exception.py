# wait ends with the first error, an earlier result does not end it.
import asyncio


async def work(name, delay, fails):
    await asyncio.sleep(delay)
    print(f"{name} ends")
    if fails:
        raise ValueError(name)


async def main():
    tasks = [
        asyncio.create_task(work("a", 0.05, False), name="a"),
        asyncio.create_task(work("b", 0.15, True), name="b"),
        asyncio.create_task(work("c", 0.25, False), name="c"),
    ]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    print(f"done: {sorted(t.get_name() for t in done)}")
    print(f"pending: {sorted(t.get_name() for t in pending)}")
    for task in done:
        if task.exception():
            print(f"error: {task.exception()}")
    await tasks[2]


asyncio.run(main())
