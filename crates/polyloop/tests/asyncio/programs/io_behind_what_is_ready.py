# What was ready before the wait runs before what the wait found.
import asyncio
import socket
import time


async def main():
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    ours.setblocking(False)

    def readable():
        print(f"read {ours.recv(100).decode()}")
        loop.remove_reader(ours)
        loop.call_soon(print, "soon of the reader")

    loop.add_reader(ours, readable)
    await asyncio.sleep(0.01)
    loop.call_later(0.01, print, "timer")
    loop.call_soon(print, "soon")
    theirs.send(b"ping")
    time.sleep(0.03)
    print("held up")
    await asyncio.sleep(0.02)
    print("end")
    ours.close()
    theirs.close()


asyncio.run(main())
