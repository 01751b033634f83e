"""Accounts at platforms with HTTP interfaces, and the processes that serve them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from tests.couriers.http_dsp import door
from tests.ports import wait_for_port

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import OutgoingFile
from deadwax.domain.addresses.http import GraphqlAddress, HttpAddress, RestAddress, SoapAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http.courier import HttpCourier
from deadwax.infrastructure.couriers.opening import Notes, Opening

PROJECT = Path(__file__).parents[2]
TUS_SERVER = PROJECT / "tests" / "servers" / "tus_server.mjs"
_MODULES = {RestAddress: "rest", SoapAddress: "soap", GraphqlAddress: "graphql"}


def open_courier(address: HttpAddress, opening: Opening) -> HttpCourier:
    module = import_module(f"deadwax.infrastructure.couriers.http.{_MODULES[type(address)]}")
    opened: HttpCourier = module.open_courier(address, opening)
    return opened


@dataclass(frozen=True)
class Platform:
    """A running server: where it is, and its disk."""

    url: str
    folder: Path
    client: httpx.Client

    def instead(self, account: str, *steps: dict[str, Any]) -> None:
        """What its next answers are to be, each for the next request of its method."""
        made = [{"account": account, **step} for step in steps]
        self.client.post(f"{self.url}/~next", json=made).raise_for_status()

    def seen(self, account: str) -> list[str]:
        found: list[str] = self.client.get(f"{self.url}/~seen/{account}").json()
        return found

    def revoke(self) -> None:
        self.client.post(f"{self.url}/~revoke").raise_for_status()

    def asked(self) -> int:
        """How many tokens it gave."""
        return int(self.client.get(f"{self.url}/~asked").json())


@contextmanager
def running(
    command: Sequence[str], port: int, folder: Path, client: httpx.Client, scheme: str = "http"
) -> Iterator[Platform]:
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=out, env={**os.environ})
    try:
        wait_for_port(port, process, log)
        with client:
            yield Platform(f"{scheme}://127.0.0.1:{port}", folder, client)
    finally:
        process.terminate()
        process.wait()


def dsp_command(folder: Path, port: int, keys: Path, *tls: Path) -> list[str]:
    module = [sys.executable, "-m", "tests.couriers.http_dsp"]
    return [*module, str(folder), str(port), str(keys), *map(str, tls)]


def tus_command(folder: Path, port: int) -> list[str]:
    return [shutil.which("node") or "node", str(TUS_SERVER), str(folder), str(port), door.TOKEN]


@dataclass
class HttpSite:
    """An account: `secrets` by the names that the address gives them, `wrong` instead of them."""

    address: Any
    folder: Path
    secrets: dict[str, str] = field(default_factory=lambda: {"key": door.TOKEN})
    wrong: str = "wrong"
    notes: Notes = field(default_factory=dict)
    link: Callable[[OutgoingFile, str, int], str] | None = None

    def connect(self, *, stall_seconds: float = 20.0) -> HttpCourier:
        return self._opened(self._secret, stall_seconds)

    def connect_with_wrong_secret(self) -> HttpCourier:
        return self._opened(lambda name: self.wrong, 20.0)

    def _opened(self, secret: Callable[[str], str], stall_seconds: float) -> HttpCourier:
        more: Any = {"link": self.link} if self.link else {}
        opening = Opening(secret, stall_seconds, notes=self.notes, **more)
        return open_courier(self.address, opening)

    def _secret(self, name: str) -> str:
        if name not in self.secrets:
            raise DeliveryFailed(FailureCategory.AUTH_INVALID, f"There is no secret {name}.")
        return self.secrets[name]

    @property
    def _visible(self) -> Path:
        return self.folder / "visible"

    def read(self, path: str) -> bytes | None:
        found = self._visible / path
        return found.read_bytes() if found.is_file() else None

    def write(self, path: str, data: bytes) -> None:
        place = self._visible / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def names(self, folder: str) -> list[str]:
        place = self._visible / folder
        return sorted(path.name for path in place.iterdir()) if place.is_dir() else []


def account_folder(platform: Platform, account: str) -> Path:
    return platform.folder / quote(account, safe="")
