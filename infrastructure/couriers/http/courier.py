"""The courier of every interface that is reached by HTTP; dialects know how it is spoken to."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

from deadwax.application.errors import DeliveryFailed, Unsupported
from deadwax.application.ports import Can, OutgoingFile, Probe, RemoteFile
from deadwax.domain.addresses.http import GraphqlAddress, RestAddress, SoapAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http.client import HttpClient
from deadwax.infrastructure.couriers.http.dialect import Dialect, Found
from deadwax.infrastructure.couriers.http.listing import listed
from deadwax.infrastructure.couriers.http.reading import Reading
from deadwax.infrastructure.couriers.http.sent import Sent, SentFiles
from deadwax.infrastructure.couriers.http.standing import Standing, standing_of
from deadwax.infrastructure.couriers.http.values import Values, values_of
from deadwax.infrastructure.couriers.opening import Opening

_ABILITIES = {"look": Can.LOOK, "list": Can.LIST, "fetch": Can.FETCH, "remove": Can.REMOVE}

_UNANSWERED = {FailureCategory.NETWORK_TIMEOUT, FailureCategory.NETWORK_CONNECTIVITY}
"""Failures after which what was asked for may have been done."""

_MOST_COMPARED = 64 * 1024 * 1024
"""Bytes that are fetched to compare them, where the platform tells no digest."""


class HttpCourier:
    """See application.ports.Courier for the contract.

    Without a call to publish, what is sent has effect at once: then an upload only proves our
    own bytes, `progress` gets what was proven, and `publish` sends them, over the connection that
    the upload was made with.
    """

    def __init__(
        self,
        client: HttpClient,
        dialect: Dialect,
        address: RestAddress | SoapAddress | GraphqlAddress,
        opening: Opening,
    ) -> None:
        self._client, self._dialect, self._address = client, dialect, address
        self._kept, self._link = SentFiles(opening.notes, address.base_url), opening.link
        self._at_once = address.publish is None
        self._proven: dict[str, OutgoingFile] = {}
        self._ours: set[str] = set()
        self._published: set[str] = set()
        abilities = {can for name, can in _ABILITIES.items() if getattr(address, name)}
        if dialect.resumes and not self._at_once:
            abilities.add(Can.RESUME)
        self.can = frozenset(abilities)

    def upload(
        self,
        file: OutgoingFile,
        *,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        standing = self._look(file.path) if Can.LOOK in self.can else None
        if standing is not None:
            if standing.size != file.size:
                words = f"stands with {standing.size} bytes instead of {file.size}"
                raise _broken(f"{file.path} {words}")
            return
        reading = Reading(file, keep_going, progress, self._client)
        try:
            if self._at_once:
                reading.prove()
                self._proven[file.path] = file
            else:
                self._stage(file, reading)
        finally:
            reading.close()

    def _stage(self, file: OutgoingFile, reading: Reading) -> None:
        sent = self._sent(file.path)
        if sent is not None and not sent.is_of(file):
            self._withdraw(file.path)
            sent = None
        if sent is not None and sent.showing:  # it was established that it is not published
            sent.showing = False
            self._kept.keep(file.path, sent)
        if sent is not None and sent.whole and not self._dialect.resumes and self._has(file):
            return
        sent = sent or Sent(file.size, file.sha256)

        def keep(found: Found) -> None:
            sent.found = found
            self._kept.keep(file.path, sent)

        try:
            sent.found = self._dialect.send(reading, self._values(file), sent.found, keep)
        except DeliveryFailed as failed:
            if failed.category is FailureCategory.INTEGRITY:
                self._kept.keep(file.path, sent)
                self._withdraw(file.path)
            raise
        sent.whole = True
        self._kept.keep(file.path, sent)
        self._ours.add(file.path)

    def _has(self, file: OutgoingFile) -> bool:
        """Whether what was sent before is still there, where a whole file is sent at once."""
        if self._address.staged is None:
            return file.path in self._ours
        staged = self._staged(file.path)
        return staged is not None and staged.size == file.size

    def publish(self, path: str) -> None:
        sent = self._sent(path)
        standing = self._look(path) if Can.LOOK in self.can else None
        if standing is not None:
            if sent is not None:
                if not self._is(path, standing, sent):
                    raise _broken(f"{path} stands already and is a different file")
                self._withdraw(path)
        elif sent is not None and sent.whole:
            self._show(path, sent)
            self._forget(path)
            self._published.add(path)
        elif path not in self._published or Can.LOOK in self.can:
            raise DeliveryFailed(
                FailureCategory.NOT_FOUND, f"Nothing was uploaded for {path} to be published."
            )

    def _show(self, path: str, sent: Sent) -> None:
        if self._at_once:
            file = self._proven[path]
            reading = Reading(file, lambda: True, lambda _: None, self._client)
            try:
                self._dialect.send(reading, self._values(file), {}, lambda _: None)
            finally:
                reading.close()
            return
        values, what = self._values_of(path, sent), f"publishing {path}"
        self._kept.keep(path, replace(sent, showing=True))
        try:
            self._dialect.call(self._address.publish, values, what)
        except DeliveryFailed as failed:
            if failed.category is FailureCategory.NOT_FOUND:
                self._forget(path)  # it let the upload go: the next attempt sends it again
            elif failed.category not in _UNANSWERED:
                self._kept.keep(path, sent)
            raise

    def verify(self, file: OutgoingFile) -> str:
        self._require(Can.LOOK)
        standing = self._look(file.path)
        if standing is None:
            raise DeliveryFailed(FailureCategory.NOT_FOUND, f"{file.path} is not there.")
        if standing.size != file.size:
            raise _broken(f"{file.path} has {standing.size} bytes instead of {file.size}")
        if standing.sha256 is None:
            return "size"
        if standing.sha256 != file.sha256:
            raise _broken(f"{file.path} has another SHA-256 there than on record")
        return "sha256"

    def size(self, path: str) -> int | None:
        self._require(Can.LOOK)
        standing = self._look(path)
        return standing.size if standing else None

    def pending(self, path: str) -> bool:
        if self._at_once or self._address.staged is None:
            sent = self._sent(path)
            return sent is not None and not sent.showing
        return self._staged(path) is not None

    def list(self, folder: str) -> list[RemoteFile]:
        self._require(Can.LIST)
        return listed(self._dialect, self._address.list, folder)

    def fetch(self, path: str, limit: int) -> bytes:
        self._require(Can.FETCH)
        what = f"fetching {path}"
        return self._dialect.content(self._address.fetch, values_of(path), what, limit)

    def remove(self, path: str) -> None:
        self._require(Can.REMOVE)
        self._withdraw(path)
        self._unless_gone(self._address.remove, values_of(path), f"removing {path}")

    def probe(self) -> Probe:
        """Only asks, unless the address lets it send a small file and the interface can remove
        it again."""
        steps = ["connect"]
        if self._address.ping is not None:
            self._dialect.call(self._address.ping, {}, "asking whether it is there")
            steps.append("ping")
        elif Can.LOOK in self.can:
            self._look(f".deadwax-probe-{secrets.token_hex(8)}")
            steps.append("look")
        elif Can.LIST in self.can:
            self.list("")
            steps.append("list")
        else:
            self._client.greet()
        if self._address.test_file and {Can.LOOK, Can.REMOVE} <= self.can:
            steps += self._tried()
        return Probe(self._client.proof, self._client.latency_ms, tuple(steps))

    def _tried(self) -> tuple[str, ...]:
        data = secrets.token_bytes(64)
        path = f".deadwax-probe-{secrets.token_hex(8)}.txt"
        file = _outgoing(path, data)
        try:
            self.upload(file, keep_going=lambda: True, progress=lambda _: None)
            self.publish(path)
            steps = ["write", "publish", self.verify(file)]
            if Can.FETCH in self.can:
                if self.fetch(path, len(data)) != data:
                    raise _broken(f"{path} reads back other bytes than were written")
                steps.append("read back")
        finally:
            self.remove(path)
        return (*steps, "delete")

    def close(self) -> None:
        self._client.close()

    # --

    def _look(self, path: str) -> Standing | None:
        return standing_of(self._dialect, self._address.look, values_of(path), f"looking at {path}")

    def _staged(self, path: str) -> Standing | None:
        """What was uploaded for a path and is not published, as the platform tells."""
        call, sent = self._address.staged, self._sent(path)
        values = self._values_of(path, sent) if sent else values_of(path)
        if not _is_known(call, values):
            return None
        return standing_of(self._dialect, call, values, f"looking at the upload of {path}")

    def _is(self, path: str, standing: Standing, sent: Sent) -> bool:
        """Whether what stands is what was sent; not, where that cannot be told."""
        if standing.size != sent.size:
            return False
        if standing.sha256:
            return standing.sha256 == sent.sha256
        if Can.FETCH not in self.can or sent.size > _MOST_COMPARED:
            return False
        return hashlib.sha256(self.fetch(path, sent.size)).hexdigest() == sent.sha256

    def _withdraw(self, path: str) -> None:
        """Give up what was sent and not published."""
        sent = self._sent(path)
        if sent is None:
            return
        what, values = f"giving up the upload of {path}", self._values_of(path, sent)
        abort = self._address.abort
        if abort is not None and _is_known(abort, values):
            self._unless_gone(abort, values, what)
        elif abort is None and not self._at_once:
            self._dialect.withdraw(sent.found, what)
        self._forget(path)

    def _unless_gone(self, call: Any, values: Values, what: str) -> None:
        try:
            self._dialect.call(call, values, what)
        except DeliveryFailed as failed:
            if failed.category is not FailureCategory.NOT_FOUND:
                raise

    def _values(self, file: OutgoingFile) -> dict[str, str]:
        values = values_of(file.path, size=str(file.size), sha256=file.sha256)
        links = self._address.links
        if links is not None:
            values["link"] = self._link(file, links.base_url, links.seconds)
        return values

    def _values_of(self, path: str, sent: Sent) -> dict[str, str]:
        return values_of(path, size=str(sent.size), sha256=sent.sha256, **sent.found)

    def _sent(self, path: str) -> Sent | None:
        if self._at_once:
            file = self._proven.get(path)
            return Sent(file.size, file.sha256, whole=True) if file else None
        return self._kept.of(path)

    def _forget(self, path: str) -> None:
        self._proven.pop(path, None)
        self._ours.discard(path)
        self._kept.forget(path)

    def _require(self, ability: Can) -> None:
        if ability not in self.can:
            raise Unsupported(ability.value)


def _outgoing(path: str, data: bytes) -> OutgoingFile:
    return OutgoingFile(path, len(data), hashlib.sha256(data).hexdigest(), lambda: BytesIO(data))


def _is_known(call: Any, values: Values) -> bool:
    """Whether all that a call needs is known: an upload that never began has no id."""
    return bool(call.uses <= values.keys())


def _broken(words: str) -> DeliveryFailed:
    return DeliveryFailed(FailureCategory.INTEGRITY, f"{words}.")
