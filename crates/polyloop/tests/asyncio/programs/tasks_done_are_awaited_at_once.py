# Awaiting a task that has ended does not yield.
import asyncio


async def work():
    print("task runs")
    return 1


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    loop.call_soon(print, "soon")
    print(f"awaited: {await task}")
    await asyncio.sleep(0)
    print("end")


asyncio.run(main())
