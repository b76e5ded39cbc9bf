# A timer's callback runs when it is due; a sleeper is woken then, and runs an iteration later.
import asyncio
import time


async def sleeper(name, delay):
    await asyncio.sleep(delay)
    print(f"sleeper {name}")


async def main():
    loop = asyncio.get_running_loop()
    one = asyncio.create_task(sleeper("one", 0.010))
    two = asyncio.create_task(sleeper("two", 0.012))
    await asyncio.sleep(0)

    def timer():
        print("timer")
        loop.call_soon(print, "soon of the timer")

    loop.call_later(0.014, timer)
    time.sleep(0.04)
    print("held up")
    await one
    await two
    print("end")


asyncio.run(main())
