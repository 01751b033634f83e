"""The demo: real processes, a real SFTP server, everything over the HTTP API."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Self

from rich.console import Console

from deadwax.domain.identifiers import gtin_check_digit
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.parent import die_with_parent
from deadwax.infrastructure.secrets import FileSecrets
from deadwax.infrastructure.settings import Settings
from deadwax.workers import demo_show as show
from deadwax.workers.client import ApiError, Client
from deadwax.workers.demo_album import TRACKS, make_album
from deadwax.workers.demo_folder import AlbumFolder
from deadwax.workers.keys_cli import operator_key_file, reachable, wait_for_api
from deadwax.workers.supervisor import everything

_LABEL_DPID, _DSP_DPID = "PADPIDA20261121011", "PADPIDA20261121020"
_PATIENCE_SECONDS = 600.0


class DemoFailed(Exception):
    """What did not happen, in words."""


class Demo:
    """Starts everything when entered and stops it when left."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings, self._console = settings, console
        self._stack = ExitStack()
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        try:
            self._step("Starting PostgreSQL, Redis and five processes")
            self._supervisor = self._stack.enter_context(everything(self._settings))
            self._url = wait_for_api(self._settings.home, meanwhile=self._supervisor.watch)
            self._step("Starting a sandbox DSP (SFTP)")
            self._dsp = self._start_sandbox()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def run(self, album: Path | None, seconds: int) -> dict[str, Any]:
        """The whole path; the result as documented. Raises DemoFailed."""
        try:
            return self._run(album, seconds)
        except ApiError as refused:
            raise DemoFailed(str(refused)) from None

    def show_addresses(self) -> None:
        out = partial(self._console.print, soft_wrap=True)
        out(f"API           {self._url}/api/v1   (documentation: {self._url}/docs)")
        out(f"Admin key     {self._key}")
        out(f"Sandbox DSP   sftp://{self._dsp['host']}:{self._dsp['port']}")
        out("Ctrl-C ends it.")

    def _run(self, album: Path | None, seconds: int) -> dict[str, Any]:
        folder = AlbumFolder(album or self._generate(seconds))
        api = self._register_tenant(folder.label)
        release_id = self._release(api, folder)
        target_id = self._target(api, folder.label)
        self._step("Distributing")
        accepted = api.post(f"/releases/{release_id}/distributions", {"target_ids": [target_id]})
        id = accepted["items"][0]["id"]
        live = self._wait(api, id, "live")
        show.board(self._console, api.get(f"/releases/{release_id}/status"))
        show.timeline(self._console, api.pages(f"/distributions/{id}/timeline"))
        received = self._received(live["message"])
        self._step("Requesting a takedown")
        api.post(f"/distributions/{id}/takedown", {"reason": "end of the demo"})
        removed = self._wait(api, id, "removed")
        taken_down = self._received(removed["message"])
        show.board(self._console, api.get(f"/releases/{release_id}/status"))
        audit = api.pages("/audit-trail")
        show.audit(self._console, audit)
        events = self._events()
        if len(audit) != events:
            raise DemoFailed(f"The log has {events} events, the audit trail {len(audit)} entries.")
        attempts = api.pages(f"/delivery-log?distribution_id={id}")
        first = [a for a in attempts if a["kind"] == "initial"]
        self._step("Done")
        return {
            "release_id": release_id,
            "icpn": folder.metadata["icpn"],
            "distributions": [
                {
                    "id": id,
                    "target": target_id,
                    "status": live["status"],
                    "attempts": len(first),
                    "files": len(live["message"]["files"]),
                    "bytes": sum(a["bytes"] or 0 for a in first),
                    "seconds": sum(float(a["seconds"] or 0) for a in first),
                }
            ],
            "received": str(received.parent),
            "ern": str(received),
            "ern_schema": live["message"]["schema"],
            "takedown": {"status": removed["status"], "ern": str(taken_down)},
            "events": events,
            "audit_entries": len(audit),
        }

    def _generate(self, seconds: int) -> Path:
        digits = f"59{secrets.randbelow(10**10):010d}"
        icpn = digits + gtin_check_digit(digits)
        folder = self._settings.home / "demo" / icpn
        self._step(f"Making an album of {TRACKS} tracks, {seconds} s each")
        make_album(folder, icpn, seconds, lambda name: None)
        return folder

    def _register_tenant(self, label: str) -> Client:
        operator = Client(self._url, operator_key_file(self._settings).read_text())
        self._step("Registering the tenant and its label")
        made = operator.post("/tenants", {"name": label, "kind": "label", "review": False})
        self._tenant_id, self._key = made["id"], made["key"]
        api = Client(self._url, self._key)
        api.post("/tenant/labels", {"name": label, "dpid": _LABEL_DPID})
        return api

    def _release(self, api: Client, folder: AlbumFolder) -> str:
        self._step(f"Uploading {len(folder.files)} files over HTTP")
        uploaded = {}
        with show.progress(self._console) as progress:
            task = progress.add_task("", total=folder.bytes)
            for name, path in folder.files.items():
                progress.update(task, description=name)
                stored = api.upload(path, lambda n: progress.advance(task, n))
                uploaded[name] = stored["sha256"]
        self._step("Creating and submitting the release")
        release = api.post("/releases", folder.body(uploaded))
        submitted = api.post(f"/releases/{release['id']}/submit", {})
        if submitted["status"] != "approved":
            raise DemoFailed(f"The release is {submitted['status']} after it was submitted.")
        return str(release["id"])

    def _target(self, api: Client, label: str) -> str:
        self._step("Opening the delivery target and testing the connection")
        FileSecrets(self._settings.secrets_dir).put(self._tenant_id, "sandbox", self._password)
        target = api.post(
            "/targets",
            {
                "platform": "Sandbox DSP",
                "mode": "test",
                "protocol": "sftp",
                "address": {
                    "host": self._dsp["host"],
                    "port": self._dsp["port"],
                    "username": self._dsp["username"],
                    "secret": "sandbox",
                    "host_key": self._dsp["host_key"],
                },
                "sender": {"dpid": _LABEL_DPID, "name": label},
                "recipient": {"dpid": _DSP_DPID, "name": "Sandbox DSP"},
                "ern": "4.3",
                "confirmation": "ddex_acknowledgement",
            },
        )
        api.post(f"/targets/{target['id']}/test", {})
        return str(target["id"])

    def _wait(self, api: Client, id: str, wanted: str) -> dict[str, Any]:
        """Follow the distribution until it is `wanted`; DemoFailed when it cannot become that."""
        deadline, seen = time.monotonic() + _PATIENCE_SECONDS, ""
        while time.monotonic() < deadline:
            distribution = api.get(f"/distributions/{id}")
            status = distribution["status"]
            if status != seen:
                self._step(f"  {status}")
                seen = status
            if status == wanted:
                return distribution
            if status in ("needs_attention", "failed", "rejected", "cancelled"):
                steps = api.pages(f"/distributions/{id}/timeline")
                raise DemoFailed(f"The distribution is {status}: {steps[-1]['summary']}")
            self._supervisor.watch()
            time.sleep(0.1)
        raise DemoFailed(f"The distribution is still {seen} after {_PATIENCE_SECONDS:.0f} s.")

    def _start_sandbox(self) -> dict[str, Any]:
        self._password = secrets.token_urlsafe(24)
        environ = {
            **os.environ,
            "DEADWAX_HOME": str(self._settings.home),
            "DEADWAX_SANDBOX_PASSWORD": self._password,
        }
        command = [sys.executable, "-m", "deadwax.workers.cli", "sandbox", "--dpid", _DSP_DPID]
        with (self._settings.home / "logs" / "sandbox.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        self._stack.callback(_end, process)
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise DemoFailed(f"The sandbox did not start; see {log.name}.")
        return dict(json.loads(line))

    def _received(self, message: dict[str, Any]) -> Path:
        """The message as the sandbox received it and keeps it, beside its resources."""
        icpn = str(message["icpn"])
        folder = Path(str(self._dsp["archive"])) / f"N_{message['batch_id']}" / icpn
        deadline = time.monotonic() + 10
        while not (folder / f"{icpn}.xml").is_file():
            if time.monotonic() > deadline:
                raise DemoFailed(f"The sandbox does not have {folder}.")
            time.sleep(0.1)
        return folder / f"{icpn}.xml"

    def _events(self) -> int:
        """How many events the log holds of the tenant, counted in the log itself."""
        with connect(reachable(self._settings).require_database(), "deadwax-demo") as connection:
            row = connection.execute(
                "SELECT count(*) FROM events WHERE tenant_id = %s", [self._tenant_id]
            ).fetchone()
        assert row is not None
        return int(row[0])

    def _step(self, text: str) -> None:
        self._console.print(f"[dim]{time.monotonic() - self._started:6.1f} s[/]  {text}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
