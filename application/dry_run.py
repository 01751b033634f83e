"""What would be sent, to the byte, without storing or sending anything."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, BinaryIO
from uuid import UUID

from deadwax.application.catalogue import Catalogue
from deadwax.application.companions import Enrichments
from deadwax.application.compose import Composer
from deadwax.application.distributions import requested
from deadwax.application.errors import NotFound
from deadwax.application.messages import MessageBuilder
from deadwax.application.ports import StoredAsset
from deadwax.application.specs import Specs
from deadwax.domain.differences import Change
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.release import Release
from deadwax.domain.states import AT_WORK, MOVES, Status
from deadwax.domain.target import DeliveryTarget

_REASON = "dry run"


class Wanted(StrEnum):
    """What is tried of a distribution that there is; by itself what would come next."""

    NEXT = "next"
    UPDATE = "update"
    REDELIVERY = "redelivery"
    TAKEDOWN = "takedown"


class FileState(StrEnum):
    """A resource against the message sent last."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class FileDifference:
    """`uri` is the resource as the message names it; hashes of now and of then."""

    uri: str
    state: FileState
    sha256: str | None
    before: str | None


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What would become of it. `message` is what would be noted of the message composed, with its
    files in upload order, None where `problems` stand in the way or there is nothing to say;
    `resources` and `changes` are against the message `compared_with`, which was sent last;
    `contents` the bytes of what would be made, by SHA-256."""

    kind: str
    message: dict[str, Any] | None
    problems: tuple[Problem, ...]
    compared_with: str | None
    resources: tuple[FileDifference, ...]
    changes: tuple[Change, ...]
    contents: Mapping[str, bytes]


class DryRuns:
    def __init__(
        self, catalogue: Catalogue, messages: MessageBuilder, enrichments: Enrichments
    ) -> None:
        self._catalogue, self._specs = catalogue, Specs(catalogue)
        self._messages, self._enrichments = messages, enrichments

    def of_release(self, release_id: UUID, target_id: UUID) -> DryRun:
        """What distributing the release would send, or if it is there what would come next."""
        release = self._catalogue.get(Release, release_id)
        target = self._catalogue.get(DeliveryTarget, target_id)
        known = self._catalogue.find(Distribution, distribution_id(release_id, target_id))
        try:
            return self._run(requested(release, target, known, None), Wanted.NEXT)
        except Refused as refused:
            return _refused("initial", refused)

    def of_distribution(self, id: UUID, wanted: Wanted) -> DryRun:
        """Raises IllegalTransition for what it does not allow now."""
        return self._run(self._catalogue.get(Distribution, id), wanted)

    def _run(self, d: Distribution, wanted: Wanted) -> DryRun:
        """`d` is changed and never saved."""
        now, kept = datetime.now(UTC), _Kept()
        told = d.told
        _bring_to_attempt(d, wanted, now)
        composer = Composer(
            self._catalogue, kept, self._messages, self._enrichments, _Unnumbered(now)
        )
        try:
            changes = self._specs.changes(d) if d.kind == "update" else None
            draft = composer.draft(d, now)
            message = composer.lay_out([draft])[0] if draft else None
        except Refused as refused:
            return _refused(d.kind, refused)
        return DryRun(
            kind=d.kind,
            message=message,
            problems=(),
            compared_with=told["id"] if told else None,
            resources=_compared(message, told),
            changes=tuple(changes or ()),
            contents=kept.contents,
        )


def _refused(kind: str, refused: Refused) -> DryRun:
    return DryRun(
        kind=kind,
        message=None,
        problems=refused.problems,
        compared_with=None,
        resources=(),
        changes=(),
        contents={},
    )


_ASKS: Mapping[Wanted, Callable[[Distribution], object]] = {
    Wanted.NEXT: lambda d: None,
    Wanted.UPDATE: lambda d: d.request_update(_REASON),
    Wanted.REDELIVERY: lambda d: d.request_update(_REASON, forced=True),
    Wanted.TAKEDOWN: lambda d: d.request_takedown(_REASON),
}

_MOVES_ON: Mapping[Status, Callable[[Distribution, datetime], object]] = {
    Status.CREATED: lambda d, now: d.start_validation(),
    Status.VALIDATING: lambda d, now: d.pass_validation(now),
    Status.SCHEDULED: lambda d, now: d.come_due(),
    Status.SUSPENDED: lambda d, now: d.resume(),
    Status.FAILED: lambda d, now: d.retry(),
    Status.REJECTED: lambda d, now: d.retry(),
    Status.NEEDS_ATTENTION: lambda d, now: d.retry(),
    Status.CANCELLED: lambda d, now: d.renew(None),
    Status.REMOVED: lambda d, now: d.renew(None),
    Status.PURGED: lambda d, now: d.renew(None),
    Status.PROCESSING_BY_PLATFORM: lambda d, now: d.request_update(_REASON),
    Status.DISTRIBUTED: lambda d, now: d.request_update(_REASON),
    Status.LIVE: lambda d, now: d.request_update(_REASON),
    Status.UPDATED: lambda d, now: d.request_update(_REASON),
}


def _bring_to_attempt(d: Distribution, wanted: Wanted, now: datetime) -> None:
    """By the commands that would bring it there. Refused where it is to be looked first what
    became of the message before."""
    _ASKS[wanted](d)
    while d.status not in AT_WORK:
        if Status.PREPARING in MOVES[d.status]:
            d.start_attempt(_REASON, now)
        elif d.status in _MOVES_ON:
            _MOVES_ON[d.status](d, now)
        else:
            problem = Problem(
                "outcome_unresolved",
                "status",
                "It is not known whether its last message was published.",
                "Wait until that is established, or resolve it.",
            )
            raise Refused("It cannot be tried", [problem])


def _compared(
    message: Mapping[str, Any] | None, told: Mapping[str, Any] | None
) -> tuple[FileDifference, ...]:
    now = _hashes(message)
    before = _hashes(told)
    return tuple(
        FileDifference(
            uri=uri,
            state=_state(now.get(uri), before.get(uri)),
            sha256=now.get(uri),
            before=before.get(uri),
        )
        for uri in (*now, *(uri for uri in before if uri not in now and message))
    )


def _hashes(message: Mapping[str, Any] | None) -> dict[str, str]:
    return {r["uri"]: r["sha256"] for r in (message or {}).get("resources", ())}


def _state(now: str | None, before: str | None) -> FileState:
    if now is None:
        return FileState.GONE
    if before is None:
        return FileState.NEW
    return FileState.SAME if now == before else FileState.CHANGED


class _Kept:
    """An asset store for what is made on the way, in memory."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def put(
        self,
        chunks: Iterable[bytes],
        check: Callable[[StoredAsset, str], None] = lambda asset, path: None,
    ) -> StoredAsset:
        data = b"".join(chunks)
        sha256 = hashlib.sha256(data).hexdigest()
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        self.contents[sha256] = data
        return StoredAsset(sha256=sha256, md5=md5, size=len(data))

    def open(self, sha256: str) -> BinaryIO:
        if sha256 not in self.contents:
            raise NotFound("asset", sha256)
        return io.BytesIO(self.contents[sha256])


class _Unnumbered:
    """The batch id of now, which a real delivery may still take."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def next(self) -> str:
        return f"{self._now:%Y%m%d%H%M%S}{self._now.microsecond // 1000:03d}"
