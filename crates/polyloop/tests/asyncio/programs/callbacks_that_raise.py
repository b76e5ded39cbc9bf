# An exception in a callback goes to the handler; the callbacks behind it run.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: print(f"handler: {context['exception']}"))

    def bad(text):
        raise ValueError(text)

    loop.call_soon(bad, "one")
    loop.call_soon(print, "fine")
    loop.call_soon(bad, "two")
    loop.call_later(0, bad, "three")
    await asyncio.sleep(0)
    print("the loop goes on")
    await asyncio.sleep(0)


asyncio.run(main())
