"""A file in another form: what was made of which source, by which recipe, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from deadwax.domain.aggregate import Created, Root
from deadwax.domain.assets import AssetFacts
from deadwax.domain.identifiers import rendition_id
from deadwax.domain.media.recipes import Recipe
from deadwax.domain.plain import from_plain, to_plain


class Rendition(Root):
    """Its id follows from the tenant, the source's bytes and the recipe; what was made first
    stays, so that messages that state it can be built again. `facts` are measured of the bytes
    that were made, and found in the asset store by their SHA-256."""

    TOPIC = "rendition"

    if TYPE_CHECKING:
        source: str
        facts: AssetFacts
        same_samples: bool

    @classmethod
    def make(
        cls,
        tenant_id: UUID,
        source: str,
        recipe: Recipe,
        facts: AssetFacts,
        *,
        encoder: str,
        same_samples: bool,
    ) -> Self:
        """`source` is the SHA-256 of the asset, `same_samples` whether it was proven by PCM hash
        that no sample differs."""
        plain = to_plain(recipe)
        made = to_plain(replace(facts, analysis=None))
        del made["awaits_analysis"]
        return cls._create(
            RenditionRendered,
            id=rendition_id(tenant_id, source, plain),
            source=source,
            recipe=plain,
            facts=made,
            encoder=encoder,
            same_samples=same_samples,
        )


@dataclass(frozen=True)
class RenditionRendered(Created):
    """`encoder` names the program and version that wrote the bytes."""

    TOPIC = "rendition.rendered"
    source: str
    recipe: dict[str, Any]
    facts: dict[str, Any]
    encoder: str
    same_samples: bool

    def apply(self, aggregate: Rendition) -> None:
        aggregate.source = self.source
        aggregate.facts = from_plain(AssetFacts, self.facts)
        aggregate.same_samples = self.same_samples
