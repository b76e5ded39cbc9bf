# A gather of gathers.
import asyncio


async def leaf(name, yields):
    for n in range(yields):
        print(f"{name}{n}")
        await asyncio.sleep(0)
    return name


async def branch(name):
    found = await asyncio.gather(leaf(name + "x", 2), leaf(name + "y", 1))
    print(f"branch {name}: {found}")
    return "".join(found)


async def main():
    print(await asyncio.gather(branch("a"), branch("b")))


asyncio.run(main())
