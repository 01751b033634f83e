"""Delivering an album by S3, beside the AWS command line, to one server (rclone's)."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.comparison import Result, Unavailable, bench, compare
from tests.bench.s3_delivery import S3Order
from tests.couriers.object_servers import rclone_s3
from tests.couriers.s3_site import ACCESS_KEY, SECRET_KEY, S3Site, keys, new_bucket

MB = 1024 * 1024
_FILES, _FILE_MB = 12, 50
_BUCKET, _REGION = "bench", "us-east-1"
_CONNECTIONS = 3
_MEMORY_LIMIT_MB = 150.0


@dataclass
class Rig:
    """An album in the folder `album`, and a bucket to deliver it into."""

    site: S3Site
    album: Path

    @property
    def order(self) -> S3Order:
        files = [
            {
                "path": path.name,
                "size": path.stat().st_size,
                "sha256": hashlib.file_digest(path.open("rb"), "sha256").hexdigest(),
            }
            for path in sorted(self.album.iterdir())
        ]
        address = {
            "bucket": _BUCKET,
            "region": _REGION,
            "secret": "s3",
            "endpoint": self.site.address.base,
        }
        return S3Order(address, keys(), str(self.album), files, _CONNECTIONS)

    def rate(self, started: float) -> float:
        """MB/s, if all arrived whole; what arrived is taken away again."""
        seconds = time.perf_counter() - started
        sizes = {path.name: path.stat().st_size for path in self.album.iterdir()}
        bucket = self.site.client
        found = bucket.list_objects_v2(Bucket=_BUCKET)["Contents"]
        assert {entry["Key"]: entry["Size"] for entry in found} == sizes
        for name in sizes:
            bucket.delete_object(Bucket=_BUCKET, Key=name)
        return sum(sizes.values()) / MB / seconds

    def ours(self, order: S3Order) -> float:
        """From the worker that is running already."""
        started = time.perf_counter()
        order.carry_out()
        return self.rate(started)

    def our_peak(self, order: S3Order) -> float:
        """MB that a process takes at most that delivers once."""
        command = [sys.executable, "-m", "tests.bench.s3_delivery"]
        kilobytes = int(_run(command, order.as_json()))
        self.rate(0.0)
        return kilobytes / 1024

    def aws(self) -> float:
        command = [_aws(), "s3", "cp", "--quiet", "--recursive", str(self.album), f"s3://{_BUCKET}"]
        started = time.perf_counter()
        _run([*command, "--endpoint-url", self.site.address.base])
        return self.rate(started)


@contextmanager
def rig() -> Iterator[Rig]:
    with tempfile.TemporaryDirectory(prefix="dw") as folder:
        album, buckets = Path(folder) / "album", Path(folder) / "buckets"
        album.mkdir()
        block = os.urandom(MB)
        for number in range(_FILES):
            with (album / f"{number:02}.wav").open("wb") as file:
                for _ in range(_FILE_MB):
                    file.write(block)
        with rclone_s3(buckets) as endpoint:
            yield Rig(new_bucket(endpoint, _BUCKET, prefix="."), album)


@bench("s3-vs-awscli")
def s3_vs_awscli() -> Result:
    _aws()
    with rig() as made:
        order = made.order
        return compare(
            "s3-vs-awscli",
            ours=lambda: made.ours(order),
            peer=made.aws,
            peer_name="aws s3 cp",
            unit="MB/s",
        )


@bench("s3-memory")
def s3_memory() -> Result:
    """The most that a process took that delivered the album, with all a worker imports."""
    with rig() as made:
        order = made.order
        return compare(
            "s3-memory",
            ours=lambda: made.our_peak(order),
            peer=lambda: _MEMORY_LIMIT_MB,
            peer_name="limit",
            unit="MB",
            rounds=3,
            less_is_better=True,
        )


def _run(command: list[str], told: str = "") -> str:
    known = {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": _REGION,
        "AWS_CONFIG_FILE": os.devnull,
    }
    done = subprocess.run(
        command, input=told, capture_output=True, text=True, check=False, env=os.environ | known
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _aws() -> str:
    found = shutil.which("aws")
    if not found:
        raise Unavailable("there is no aws here (make bench-tools)")
    return found
