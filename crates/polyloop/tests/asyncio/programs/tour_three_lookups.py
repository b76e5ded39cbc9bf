# Lesson: three look-ups of three, two and one steps.
import asyncio


async def look_up(name, steps):
    for step in range(1, steps + 1):
        print(f"{name}: step {step}")
        await asyncio.sleep(0)
    print(f"{name}: found")
    return f"{name}={steps}"


async def main():
    found = await asyncio.gather(look_up("ada", 3), look_up("bob", 2), look_up("cleo", 1))
    print(", ".join(found))


asyncio.run(main())
