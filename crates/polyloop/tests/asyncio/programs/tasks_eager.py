# needs: 3.12
# An eager task runs up to its first wait before its maker goes on.
import asyncio


async def quick():
    print("quick runs")
    return "quick"


async def slow():
    print("slow begins")
    await asyncio.sleep(0)
    print("slow ends")
    return "slow"


async def main():
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    one = asyncio.create_task(quick())
    print(f"quick made, done: {one.done()}")
    two = asyncio.create_task(slow())
    print(f"slow made, done: {two.done()}")
    print(await one)
    print(await two)


asyncio.run(main())
