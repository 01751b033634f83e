"""Loading and saving aggregates: the one way from use cases to the log."""

from __future__ import annotations

from collections.abc import Callable
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


class Catalogue:
    """Aggregates by id, always within the tenant of the current cause."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def get(self, kind: type[R], id: UUID, version: int | None = None) -> R:
        """The aggregate; NotFound if there is none or it belongs to another tenant.

        With `version`, VersionMismatch unless that is its version now.
        """
        found = self.find(kind, id)
        if found is None or found.tenant_id != current_cause().tenant_id:
            raise NotFound(kind.__name__, id)
        if version is not None and found.version != version:
            raise VersionMismatch(
                f"{kind.__name__} {id} is at version {found.version}, not {version}."
            )
        return found

    def find(self, kind: type[R], id: UUID) -> R | None:
        """The aggregate of any tenant, for processes; None if there is none of that kind."""
        root = None
        for event in self._log.load(id):
            root = event.mutate(root)
        return root if isinstance(root, kind) else None

    def as_of(self, kind: type[R], id: UUID, version: int) -> R:
        """The aggregate as it was at `version`."""
        root = None
        for event in self._log.load(id):
            if event.originator_version <= version:
                root = event.mutate(root)
        if not isinstance(root, kind):
            raise NotFound(kind.__name__, id)
        return root

    def save(self, *roots: Root) -> int:
        """Store what the aggregates decided, all or nothing; the position of the last event,
        0 if there was nothing to store. Raises Conflict."""
        events = [cast(Event, e) for root in roots for e in root.collect_events()]
        return self._log.append(events) if events else 0

    def assets(self, tenant_id: UUID, release: ReleaseMetadata) -> dict[str, AssetFacts]:
        """The facts of the assets that a release names, by SHA-256; unknown ones left out."""
        named = {file.sha256 for file in release.files()}
        found = {s: self.find(Asset, asset_id(tenant_id, s)) for s in sorted(named)}
        return {sha256: asset.facts for sha256, asset in found.items() if asset}


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
