"""A sandbox DSP of the demo: its process, the target that leads to it, and what it received."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from deadwax.infrastructure.parent import die_with_parent
from deadwax.infrastructure.sandbox.erns import read_ern
from deadwax.infrastructure.sandbox.probing import probed
from deadwax.infrastructure.sandbox.reading import parse
from deadwax.infrastructure.secrets import FileSecrets
from deadwax.infrastructure.settings import Settings
from deadwax.workers.client import Client

_TOLD = (
    *("AudioCodecType", "BitRate", "NumberOfChannels", "SamplingRate", "BitsPerSample"),
    *("ImageCodecType", "ImageWidth", "ImageHeight"),
)


@dataclass(frozen=True)
class Wish:
    """A platform, and in which form it wants files (`media` of a target)."""

    name: str
    dpid: str
    media: Mapping[str, str]


WISHES = (
    Wish("Sandbox Streaming", "PADPIDA20261121020", {"audio": "flac", "artwork": "jpeg_3000"}),
    Wish("Sandbox Downloads", "PADPIDA2026112103Y", {"audio": "wav", "artwork": "jpeg_1400"}),
)


class NotThere(Exception):
    """What the platform did not do, in words."""


class Platform:
    """Started when made; `wait` until it can be reached."""

    def __init__(self, settings: Settings, wish: Wish, number: int) -> None:
        self.wish, self._settings = wish, settings
        self._password, self._name = secrets.token_urlsafe(24), f"sandbox-{number}"
        environ = {
            **os.environ,
            "DEADWAX_HOME": str(settings.home),
            "DEADWAX_SANDBOX_PASSWORD": self._password,
        }
        command = [sys.executable, "-m", "deadwax.workers.cli", "sandbox", "--dpid", wish.dpid]
        command += ["--root", str(settings.home / self._name)]
        with (settings.home / "logs" / f"{self._name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                preexec_fn=die_with_parent,
            )

    def wait(self) -> None:
        """Raises NotThere."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise NotThere(f"The sandbox did not start; see its log {self._name}.log.")
        self._told: dict[str, Any] = json.loads(line)

    @property
    def address(self) -> str:
        return f"sftp://{self._told['host']}:{self._told['port']}"

    def open_target(self, api: Client, tenant_id: str, label: str, dpid: str) -> str:
        """Its id, once the connection was tested."""
        FileSecrets(self._settings.secrets_dir).put(UUID(tenant_id), self._name, self._password)
        target = api.post(
            "/targets",
            {
                "platform": self.wish.name,
                "mode": "test",
                "protocol": "sftp",
                "address": {
                    "host": self._told["host"],
                    "port": self._told["port"],
                    "username": self._told["username"],
                    "secret": self._name,
                    "host_key": self._told["host_key"],
                },
                "sender": {"dpid": dpid, "name": label},
                "recipient": {"dpid": self.wish.dpid, "name": self.wish.name},
                "ern": "4.3",
                "confirmation": "ddex_acknowledgement",
                "media": dict(self.wish.media),
            },
        )
        api.post(f"/targets/{target['id']}/test", {})
        return str(target["id"])

    def received(self, message: dict[str, Any]) -> Path:
        """The message as the sandbox received it and keeps it, beside its resources. Raises
        NotThere."""
        icpn = str(message["icpn"])
        folder = Path(str(self._told["archive"])) / f"N_{message['batch_id']}" / icpn
        deadline = time.monotonic() + 10
        while not (folder / f"{icpn}.xml").is_file():
            if time.monotonic() > deadline:
                raise NotThere(f"The sandbox does not have {folder}.")
            time.sleep(0.1)
        return folder / f"{icpn}.xml"

    def end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def files_of(ern: Path) -> list[dict[str, Any]]:
    """Of each file that a received message names: what the message states, and what the sandbox
    finds when it reads the file itself."""
    return [
        {
            "file": file.uri,
            "stated": {name: file.stated[name] for name in _TOLD if name in file.stated},
            "found": {name: value for name, value in seen.items() if name in _TOLD},
        }
        for file in read_ern(parse(ern.read_bytes())).files
        if (seen := probed(ern.parent / file.uri)) is not None
    ]
