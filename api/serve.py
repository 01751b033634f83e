"""The API process."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import structlog
import uvicorn

from deadwax.api.app import create_app
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.settings import Settings, SettingsError

_GRACE_SECONDS = 20
"""For requests under way, after SIGTERM."""
_BACKLOG = 512
_log = structlog.get_logger()


def serve(settings: Settings, bound: Callable[[str], None] | None = None) -> None:
    """Answer requests until SIGTERM or SIGINT, then finish those under way.

    Binds `settings.api_port`, or a free port if that is 0. The address is written to
    `<home>/api.json` and given to `bound` once connections are taken.
    """
    settings.require_database()
    container = Container.open(settings, "api")
    address_file = settings.home / "api.json"
    try:
        with listen(settings.api_host, settings.api_port) as listening:
            url = _url(settings.api_host, listening.getsockname()[1])
            _write(address_file, {"url": url, "pid": os.getpid()})
            _log.info("api_listens", url=url)
            if bound:
                bound(url)
            _run(container, listening)
    finally:
        address_file.unlink(missing_ok=True)
        container.close()


def _run(container: Container, listening: socket.socket) -> None:
    config = uvicorn.Config(
        create_app(container),
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    # uvicorn raises the signal again when it is done, which would end us before we close.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    uvicorn.Server(config).run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. SettingsError if the address is not ours.

    Not `socket.create_server`: asyncio turns Nagle's algorithm off only on sockets that are
    said to be TCP, and with it every answer waits 40 ms for an acknowledgement.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"DEADWAX_API_HOST, DEADWAX_API_PORT: {host}:{port} cannot be listened on"
            f" ({error.strerror}). Give another address, or port 0 for a free one."
        ) from None
    return listening


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _write(path: Path, address: dict[str, object]) -> None:
    """Whole or not at all: others read it while we start."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(address))
    os.replace(new, path)
