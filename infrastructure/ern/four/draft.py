"""What every section of a 4.x message is written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from deadwax.application.messages import MessageSpec
from deadwax.domain.message_style import TakedownForm
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.profiles import ProfileTerms, terms_of
from deadwax.infrastructure.ern.contents import Contents
from deadwax.infrastructure.ern.four.parties import Parties
from deadwax.infrastructure.ern.four.shape import SHAPES, Shape
from deadwax.infrastructure.ern.offers import Offered, offered
from deadwax.infrastructure.ern.write import Writer

USUAL_TAKEDOWN = TakedownForm.NO_DEAL


@dataclass(frozen=True)
class Draft:
    """`deals` are those that the message states, none if it has no DealList."""

    spec: MessageSpec
    contents: Contents
    parties: Parties
    shape: Shape
    writer: Writer
    profile: ProfileTerms
    deals: tuple[Offered, ...]

    @classmethod
    def of(cls, w: Writer, spec: MessageSpec, contents: Contents) -> Self:
        return cls(
            spec,
            contents,
            Parties(spec.release, spec.label),
            SHAPES[spec.ern],
            w,
            terms_of(spec.release),
            _stated(offered(spec, contents, USUAL_TAKEDOWN)),
        )

    @property
    def release(self) -> ReleaseMetadata:
        return self.spec.release

    @property
    def has_deals(self) -> bool:
        return bool(self.deals)


def _stated(groups: list[Offered]) -> tuple[Offered, ...]:
    """A period needs a start before its end, so what ends before it began cannot be stated. If
    that leaves a release without any deal, none is stated at all, which says the same."""
    stated = tuple(
        Offered(
            group.releases,
            tuple(
                o
                for o in group.offers
                if not o.is_over or (o.end is not None and o.start.is_before(o.end))
            ),
        )
        for group in groups
    )
    return stated if all(group.offers for group in stated) else ()
