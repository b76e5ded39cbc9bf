# Callbacks that queue themselves again do not hold timers up.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    stop = False

    def again():
        if not stop:
            loop.call_soon(again)
        else:
            print("stopped")

    def timer():
        nonlocal stop
        print("timer")
        stop = True

    again()
    loop.call_later(0.05, timer)
    await asyncio.sleep(0.15)
    print("end")


asyncio.run(main())
