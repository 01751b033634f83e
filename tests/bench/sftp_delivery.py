"""Delivering an album by SFTP as a worker does: `python -m tests.bench.sftp_delivery` reads an
order from standard input, carries it out, and says how many KB the process took at most."""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from deadwax.application.ports import Courier, OutgoingFile
from deadwax.application.transfer import File, GoOn, Transfer
from deadwax.domain.addresses.ssh import SftpAddress
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.sftp import open_courier


@dataclass(frozen=True)
class Order:
    """`files` ({path, size, sha256}) of the folder `album` go to `address`; `key` logs in."""

    address: dict[str, Any]
    key: str
    album: str
    files: list[File]
    connections: int

    def carry_out(self) -> None:
        """Uploads, renames and read-back over connections of their own."""
        with Transfer(self._connect, self.connections, lambda: True, lambda *_, **__: None) as all:
            all.each(self.files, self._bring)

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    def _connect(self) -> Courier:
        return open_courier(SftpAddress(**self.address), Opening(lambda _: self.key, 60.0))

    def _bring(self, courier: Courier, file: File, go_on: GoOn) -> None:
        opened = partial((Path(self.album) / file["path"]).open, "rb")
        outgoing = OutgoingFile(file["path"], file["size"], file["sha256"], opened)
        courier.upload(outgoing, keep_going=go_on, progress=lambda _: None)
        courier.publish(file["path"])
        courier.verify(outgoing)


if __name__ == "__main__":
    import deadwax.workers.worker  # noqa: F401 - a worker holds all of this in memory

    Order(**json.load(sys.stdin)).carry_out()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # noqa: T201
