"""The demo: real processes, a real SFTP server, everything over the HTTP API."""

from __future__ import annotations

import secrets
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Self

from rich.console import Console

from deadwax.domain.identifiers import gtin_check_digit
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.settings import Settings
from deadwax.workers import demo_show as show
from deadwax.workers.client import ApiError, Client
from deadwax.workers.demo_album import TRACKS, make_album
from deadwax.workers.demo_folder import AlbumFolder
from deadwax.workers.demo_platform import WISHES, NotThere, Platform, files_of
from deadwax.workers.keys_cli import operator_key_file, reachable, wait_for_api
from deadwax.workers.supervisor import everything

_LABEL_DPID = "PADPIDA20261121011"
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
            self._step("Starting PostgreSQL, Redis, five processes and two sandbox DSPs (SFTP)")
            self._supervisor = self._stack.enter_context(everything(self._settings))
            self._platforms = [
                Platform(self._settings, wish, n) for n, wish in enumerate(WISHES, start=1)
            ]
            for platform in self._platforms:
                self._stack.callback(platform.end)
            self._url = wait_for_api(self._settings.home, meanwhile=self._supervisor.watch)
            for platform in self._platforms:
                platform.wait()
        except BaseException as error:
            self._stack.close()
            if isinstance(error, NotThere):
                raise DemoFailed(str(error)) from None
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def run(self, album: Path | None, seconds: int) -> dict[str, Any]:
        """The whole path; the result as documented. Raises DemoFailed."""
        try:
            return self._run(album, seconds)
        except (ApiError, NotThere) as refused:
            raise DemoFailed(str(refused)) from None

    def show_addresses(self) -> None:
        out = partial(self._console.print, soft_wrap=True)
        out(f"API           {self._url}/api/v1   (documentation: {self._url}/docs)")
        out(f"Admin key     {self._key}")
        for platform in self._platforms:
            out(f"{platform.wish.name:<19} {platform.address}")
        out("Ctrl-C ends it.")

    def _run(self, album: Path | None, seconds: int) -> dict[str, Any]:
        folder = AlbumFolder(album or self._generate(seconds))
        api = self._register_tenant(folder.label)
        release_id = self._release(api, folder)
        self._step("Opening the delivery targets and testing the connections")
        targets = {
            platform.open_target(api, self._tenant_id, folder.label, _LABEL_DPID): platform
            for platform in self._platforms
        }
        self._step("Distributing")
        path = f"/releases/{release_id}/distributions"
        asked = api.post(path, {"target_ids": [*targets]})["items"]
        ids = {item["id"]: targets[item["target_id"]] for item in asked}
        live = {id: self._wait(api, id, "live") for id in ids}
        show.board(self._console, api.get(f"/releases/{release_id}/status"))
        show.timeline(self._console, api.pages(f"/distributions/{next(iter(ids))}/timeline"))
        received = {id: ids[id].received(live[id]["message"]) for id in ids}
        files = {ids[id].wish.name: files_of(received[id]) for id in ids}
        show.files(self._console, files)
        self._step("Requesting takedowns")
        for id in ids:
            api.post(f"/distributions/{id}/takedown", {"reason": "end of the demo"})
        removed = {id: self._wait(api, id, "removed") for id in ids}
        gone = {id: ids[id].received(removed[id]["message"]) for id in ids}
        show.board(self._console, api.get(f"/releases/{release_id}/status"))
        audit = api.pages("/audit-trail")
        show.audit(self._console, audit)
        events = self._events()
        if len(audit) != events:
            raise DemoFailed(f"The log has {events} events, the audit trail {len(audit)} entries.")
        self._step("Done")
        told = [
            {
                "id": id,
                "target": live[id]["target_id"],
                "platform": platform.wish.name,
                "status": live[id]["status"],
                **self._sent(api, live[id]),
                "form": dict(platform.wish.media),
                "received": str(received[id].parent),
                "ern": str(received[id]),
                "ern_schema": live[id]["message"]["schema"],
                "delivered": files[platform.wish.name],
                "takedown": {"status": removed[id]["status"], "ern": str(gone[id])},
            }
            for id, platform in ids.items()
        ]
        first = {name: told[0][name] for name in ("received", "ern", "ern_schema", "takedown")}
        return {
            "release_id": release_id,
            "icpn": folder.metadata["icpn"],
            "distributions": told,
            **first,
            "events": events,
            "audit_entries": len(audit),
        }

    def _sent(self, api: Client, live: dict[str, Any]) -> dict[str, Any]:
        """How the first message went, by the delivery log."""
        attempts = api.pages(f"/delivery-log?distribution_id={live['id']}")
        first = [a for a in attempts if a["kind"] == "initial"]
        return {
            "attempts": len(first),
            "files": len(live["message"]["files"]),
            "bytes": sum(a["bytes"] or 0 for a in first),
            "seconds": sum(float(a["seconds"] or 0) for a in first),
        }

    def _generate(self, seconds: int) -> Path:
        digits = f"59{secrets.randbelow(10**10):010d}"
        icpn = digits + gtin_check_digit(digits)
        folder = self._settings.home / "demo" / icpn
        self._step(f"Making an album of {TRACKS} tracks, {seconds} s each")
        make_album(folder, icpn, seconds)
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
        uploaded: dict[str, str] = {}
        findings: list[tuple[str, dict[str, Any]]] = []
        with show.progress(self._console) as progress:
            task = progress.add_task("", total=folder.bytes)
            for name, path in folder.files.items():
                progress.update(task, description=name)
                stored = api.upload(path, lambda n: progress.advance(task, n))
                uploaded[name] = stored["sha256"]
                findings += [(name, finding) for finding in stored["findings"]]
        show.findings(self._console, findings)
        self._step("Creating and submitting the release")
        release = api.post("/releases", folder.body(uploaded))
        submitted = api.post(f"/releases/{release['id']}/submit", {})
        if submitted["status"] != "approved":
            raise DemoFailed(f"The release is {submitted['status']} after it was submitted.")
        return str(release["id"])

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
