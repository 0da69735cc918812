"""An HTTP server on an event loop that reads a file and logs for every
request."""
import asyncio
import sys


async def answer(reader, writer):
    try:
        while request := await reader.readline():
            kept = False
            while (header := await reader.readline()) not in (b"\r\n", b""):
                kept |= header.lower() == b"connection: keep-alive\r\n"
            with open("small.html", "rb") as file:
                body = file.read()
            writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n"
                         b"Connection: %s\r\n\r\n%s" % (
                             len(body), b"keep-alive" if kept else b"close",
                             body))
            await writer.drain()
            print(request.decode().strip(), file=sys.stderr, flush=True)
            if not kept:
                break
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1",
                                        int(sys.argv[1]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
