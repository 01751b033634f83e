"""An album by FTPS: ours from a long-lived worker against lftp, to one server on loopback."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.bench.comparison import Result, Unavailable, bench, compare
from tests.couriers.ftp_site import FtpSite, ftps_site
from tests.couriers.proftpd import HOST, PASSWORD, USERNAME, find_proftpd, running

from deadwax.application.ports import OutgoingFile

_TRACKS, _TRACK = 12, 50_000_000


@bench("ftps-vs-lftp")
def ftps() -> Result:
    """600 MB in 12 files, one connection each side, certificates verified, TLS on both
    connections. Ours also checks each file's digest while it reads, and the size that arrived."""
    server, lftp = find_proftpd(), shutil.which("lftp")
    if server is None:
        raise Unavailable("there is no ProFTPD (make ci-servers)")
    if lftp is None:
        raise Unavailable("there is no lftp (make bench-tools)")
    with tempfile.TemporaryDirectory(prefix="dw") as folder:
        home, album = Path(folder) / "server", Path(folder) / "album"
        home.mkdir()
        album.mkdir()
        for number in range(_TRACKS):
            (album / f"{number:02}.wav").write_bytes(os.urandom(_TRACK))
        with running(server, home) as own:
            site = ftps_site(own, home / "store")
            return compare(
                "ftps-vs-lftp",
                ours=_ours(site, album),
                peer=partial(_lftp, lftp, site, album),
                peer_name="lftp",
                unit="MB/s",
            )


def _ours(site: FtpSite, album: Path) -> Callable[[], float]:
    files = [
        OutgoingFile(
            path.name,
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).hexdigest(),
            partial(path.open, "rb"),
        )
        for path in sorted(album.iterdir())
    ]
    courier = site.connect()

    def measure() -> float:
        started = time.perf_counter()
        for file in files:
            courier.upload(file, keep_going=lambda: True, progress=lambda size: None)
            courier.publish(file.path)
        return _rate(site, started)

    return measure


def _lftp(lftp: str, site: FtpSite, album: Path) -> float:
    ca = site.server.home / "ca.pem"
    ca.write_text(site.server.authority_pem)
    settings = {
        "ftp:ssl-force": "true",
        "ftp:ssl-protect-data": "true",
        "ssl:verify-certificate": "true",
        "ssl:ca-file": str(ca),
    }
    script = [f"set {name} {value}" for name, value in settings.items()]
    script += [f"cd {site.local}", *(f"put {path}" for path in sorted(album.iterdir())), "bye"]
    started = time.perf_counter()
    subprocess.run(
        [lftp, "-u", f"{USERNAME},{PASSWORD}", "-p", str(site.address.port), HOST],
        input="\n".join(script),
        text=True,
        check=True,
    )
    return _rate(site, started)


def _rate(site: FtpSite, started: float) -> float:
    """MB/s, if all of it is there; then it is taken away."""
    seconds = time.perf_counter() - started
    stored = [path.stat().st_size for path in site.local.iterdir()]
    assert stored == [_TRACK] * _TRACKS, stored
    for path in site.local.iterdir():
        path.unlink()
    return _TRACKS * _TRACK / 1e6 / seconds
