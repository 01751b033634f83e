"""A link with delay: `python -m tests.bench.delay PORT MILLISECONDS` says where it listens, and
forwards what comes there to 127.0.0.1:PORT, each way half of the round trip late."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK = 256 * 1024
_MOST_ON_THE_WAY = 1024


@contextmanager
def delayed(port: int, round_trip_ms: int) -> Iterator[int]:
    """The port of such a link, in a process of its own: it takes no time of the one measured."""
    command = [sys.executable, "-m", "tests.bench.delay", str(port), str(round_trip_ms)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


async def _serve(port: int, seconds: float) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port, limit=_CHUNK)
        await asyncio.gather(_carry(reader, back, seconds), _carry(there, writer, seconds))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=_CHUNK)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await server.serve_forever()


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter, seconds: float) -> None:
    """Bytes in order, each `seconds` after it came; how many are on the way is no limit here."""
    clock = asyncio.get_running_loop().time
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_MOST_ON_THE_WAY)

    async def take() -> None:
        data = b"-"
        while data:
            data = await source.read(_CHUNK)
            await on_the_way.put((clock() + seconds, data))

    taking = asyncio.create_task(take())
    with suppress(OSError):
        while True:
            due, data = await on_the_way.get()
            await asyncio.sleep(max(0.0, due - clock()))
            if not data:
                break
            sink.write(data)
            await sink.drain()
    taking.cancel()
    sink.close()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]) / 2000))
