# With return_exceptions every member ends, and each outcome is given.
import asyncio


async def work(name, delay, fails):
    await asyncio.sleep(delay)
    print(f"{name} ends")
    if fails:
        raise ValueError(name)
    return name


async def main():
    outcomes = await asyncio.gather(
        work("a", 0.15, False), work("b", 0.05, True), work("c", 0.1, False), return_exceptions=True
    )
    for outcome in outcomes:
        print(f"error {outcome}" if isinstance(outcome, ValueError) else f"result {outcome}")


asyncio.run(main())
