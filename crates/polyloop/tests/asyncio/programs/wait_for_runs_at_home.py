# needs: 3.12
# wait_for runs its coroutine in the task that awaits it.
import asyncio


async def work():
    print("work begins")
    await asyncio.sleep(0)
    print("work ends")
    return "result"


async def main():
    asyncio.get_running_loop().call_soon(print, "soon")
    print(await asyncio.wait_for(work(), 1))
    asyncio.get_running_loop().call_soon(print, "soon again")
    print("end")
    await asyncio.sleep(0)


asyncio.run(main())
