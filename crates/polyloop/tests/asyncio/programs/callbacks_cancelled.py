# A handle can be cancelled until its callback has run.
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    never = loop.call_soon(print, "never")
    never.cancel()
    print(f"cancelled: {never.cancelled()}")

    def cancel_next():
        print("cancels the next")
        following.cancel()

    loop.call_soon(cancel_next)
    following = loop.call_soon(print, "cancelled in its own iteration")
    kept = loop.call_soon(print, "kept")
    await asyncio.sleep(0)
    kept.cancel()
    print(f"following: {following.cancelled()}, kept: {kept.cancelled()}")
    never.cancel()
    print("cancelling again changes nothing")


asyncio.run(main())
