"""Loading and saving aggregates: the one way from use cases to the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial, wraps
from typing import ParamSpec, TypeVar, cast
from uuid import UUID

from deadwax.application.errors import Conflict, NotFound, VersionMismatch
from deadwax.application.log import EventLog
from deadwax.domain.aggregate import Event, Root
from deadwax.domain.assets import Asset, AssetFacts
from deadwax.domain.cause import current_cause
from deadwax.domain.identifiers import asset_id
from deadwax.domain.metadata import ReleaseMetadata

R = TypeVar("R", bound=Root)
P = ParamSpec("P")
T = TypeVar("T")

_TRIES = 5


@dataclass
class _Memory:
    streams: dict[UUID, Sequence[Event]] = field(default_factory=dict)
    roots: dict[tuple[UUID, int], Root | None] = field(default_factory=dict)


_read_once: ContextVar[_Memory | None] = ContextVar("read_once", default=None)


def _folded(events: Iterable[Event]) -> Root | None:
    root = None
    for event in events:
        root = event.mutate(root)
    return root


class Catalogue:
    """Aggregates by id, always within the tenant of the current cause."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def get(self, kind: type[R], id: UUID, version: int | None = None) -> R:
        """The aggregate; NotFound if there is none or it belongs to another tenant.

        With `version`, VersionMismatch unless that is its version now.
        """
        found = self._read(kind, id)
        if found is None or found.tenant_id != current_cause().tenant_id:
            raise NotFound(kind.__name__, id)
        if version is not None and found.version != version:
            raise VersionMismatch(
                f"{kind.__name__} {id} is at version {found.version}, not {version}."
            )
        return found

    def find(self, kind: type[R], id: UUID) -> R | None:
        """The aggregate of any tenant, for processes; None if there is none of that kind."""
        root = _folded(self._log.load(id))
        return root if isinstance(root, kind) else None

    def find_all(self, kind: type[R], ids: Iterable[UUID]) -> dict[UUID, R]:
        """Those of these aggregates that the tenant of the current cause has, in one trip."""
        tenant_id = current_cause().tenant_id
        found = {id: _folded(events) for id, events in self._log.load_all([*ids]).items()}
        return {
            id: root
            for id, root in found.items()
            if isinstance(root, kind) and root.tenant_id == tenant_id
        }

    def as_of(self, kind: type[R], id: UUID, version: int) -> R:
        """The aggregate as it was at `version`."""
        root = self._read(kind, id, version)
        if root is None:
            raise NotFound(kind.__name__, id)
        return root

    @contextmanager
    def reading_once(self) -> Iterator[None]:
        """Inside, `get`, `as_of` and `assets` see each stream as it was when it was first read,
        and hand out the same aggregates again: to be read only, never changed or saved."""
        token = _read_once.set(_Memory())
        try:
            yield
        finally:
            _read_once.reset(token)

    def _read(self, kind: type[R], id: UUID, version: int | None = None) -> R | None:
        memory = _read_once.get() or _Memory()
        if id not in memory.streams:
            memory.streams[id] = self._log.load(id)
        events = memory.streams[id]
        latest = events[-1].originator_version if events else 0
        at = latest if version is None else min(version, latest)
        if (id, at) not in memory.roots:
            memory.roots[id, at] = _folded(e for e in events if e.originator_version <= at)
        root = memory.roots[id, at]
        return root if isinstance(root, kind) else None

    def save(self, *roots: Root) -> int:
        """Store what the aggregates decided, all or nothing; the position of the last event,
        0 if there was nothing to store. Raises Conflict."""
        events = [cast(Event, e) for root in roots for e in root.collect_events()]
        return self._log.append(events) if events else 0

    def assets(self, tenant_id: UUID, release: ReleaseMetadata) -> dict[str, AssetFacts]:
        """The facts of the assets that a release names, by SHA-256; unknown ones left out."""
        named = {file.sha256 for file in release.files()}
        ids = {asset_id(tenant_id, sha256): sha256 for sha256 in sorted(named)}
        memory = _read_once.get() or _Memory()
        memory.streams |= self._log.load_all([id for id in ids if id not in memory.streams])
        found = {ids[id]: _folded(memory.streams.get(id, ())) for id in ids}
        return {sha256: asset.facts for sha256, asset in found.items() if isinstance(asset, Asset)}


def redone_on_conflict(command: Callable[P, T], tries: int = _TRIES) -> Callable[P, T]:
    """Decide again, a few times, when another writer was first. The command must load what
    it changes itself."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(tries - 1):
            try:
                return command(*args, **kwargs)
            except Conflict:
                continue
        return command(*args, **kwargs)

    return run


redone_until_first = partial(redone_on_conflict, tries=200)
"""For commands that write where many write at once: one is first each time, the others go on."""
