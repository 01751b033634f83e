"""Delivering an album by S3 as a worker does: `python -m tests.bench.s3_delivery` reads an order
from standard input, carries it out, and says how many KB the process took at most."""

from __future__ import annotations

import json
import resource
import sys
from functools import partial
from pathlib import Path

from tests.bench.sftp_delivery import Order

from deadwax.application.ports import Courier, OutgoingFile
from deadwax.application.transfer import File, GoOn
from deadwax.domain.addresses.object_stores import S3Address
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.s3 import open_courier


class S3Order(Order):
    """`key` is the secret. Nothing is verified afterwards, as the peer does not either: the
    server hashes a file anew whenever somebody asks what stands there."""

    def _connect(self) -> Courier:
        return open_courier(S3Address(**self.address), Opening(lambda _: self.key, 60.0))

    def _bring(self, courier: Courier, file: File, go_on: GoOn) -> None:
        opened = partial((Path(self.album) / file["path"]).open, "rb")
        outgoing = OutgoingFile(file["path"], file["size"], file["sha256"], opened)
        courier.upload(outgoing, keep_going=go_on, progress=lambda _: None)
        courier.publish(file["path"])


if __name__ == "__main__":
    import deadwax.workers.worker  # noqa: F401 - a worker holds all of this in memory

    S3Order(**json.load(sys.stdin)).carry_out()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # noqa: T201
