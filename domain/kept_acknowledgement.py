"""What a platform said and nobody could place: kept as it came, for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid5

from deadwax.domain.aggregate import Created, Root
from deadwax.domain.errors import Problem
from deadwax.domain.plain import to_plain

_MOST_PROBLEMS, _MOST_WORDS = 50, 1_000


class KeptAcknowledgement(Root):
    """One file of one target; its id follows from the target and the bytes, or from the target
    and the path where it was too large to be fetched: then `sha256` is empty."""

    TOPIC = "acknowledgement"

    if TYPE_CHECKING:
        target_id: UUID
        sha256: str

    @classmethod
    def id_of(cls, target_id: UUID, sha256_or_path: str) -> UUID:
        return uuid5(target_id, sha256_or_path)

    @classmethod
    def keep(
        cls, target_id: UUID, source: str, path: str, sha256: str, problems: list[Problem]
    ) -> Self:
        """`source` is sftp or http; `problems` say why, one for each statement not placed. The
        first of them, and the beginnings of their words, are enough: the file is kept whole."""
        kept = [replace(p, message=p.message[:_MOST_WORDS]) for p in problems[:_MOST_PROBLEMS]]
        return cls._create(
            AcknowledgementRetained,
            id=cls.id_of(target_id, sha256 or path),
            target_id=str(target_id),
            source=source,
            path=path,
            sha256=sha256,
            problems=to_plain(kept),
        )


@dataclass(frozen=True)
class AcknowledgementRetained(Created):
    """`sha256` names its bytes in the asset store, if it was fetched; `problems` are {code,
    field, message, fix}."""

    TOPIC = "acknowledgement.retained"
    target_id: str
    source: str
    path: str
    sha256: str
    problems: list[dict[str, Any]]

    def apply(self, aggregate: KeptAcknowledgement) -> None:
        aggregate.target_id = UUID(self.target_id)
        aggregate.sha256 = self.sha256
