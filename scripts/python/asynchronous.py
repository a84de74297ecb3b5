"""A counter on aiohttp: one thread, so that only what waits in between can lose an update.

  /atomic/inc   adds one and answers the new value
  /racy/inc     reads, waits, and writes what it read and one more
  /WAY/get      answers the value

With ?as=chunked an answer comes in chunks, a digit each, and compressed where the client takes that, with
?as=gzip.

It prints the address that it listens on.
"""

import asyncio
import socket

from aiohttp import web

counts = {"atomic": 0, "racy": 0}


async def add(way):
    read = counts[way]
    if way == "racy":
        await asyncio.sleep(0)
    counts[way] = read + 1
    return counts[way]


async def answer(request):
    way, action = request.match_info["way"], request.match_info["action"]
    count = await add(way) if action == "inc" else counts[way]
    if request.query.get("as") == "chunked":
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        for digit in str(count):
            await response.write(digit.encode())
        return response
    response = web.Response(text=f"{count}\n")
    if request.query.get("as") == "gzip":
        response.enable_compression()
    return response


async def main():
    app = web.Application()
    app.router.add_route("*", "/{way:atomic|racy}/{action:inc|get}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    await web.SockSite(runner, listener, backlog=4096).start()
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
