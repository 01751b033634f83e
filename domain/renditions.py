"""A file in another form: what was made of which source, by which recipe, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from deadwax.domain.aggregate import Created, Root
from deadwax.domain.assets import AssetFacts
from deadwax.domain.identifiers import rendition_id
from deadwax.domain.media.recipes import Recipe, recipe_from_plain
from deadwax.domain.plain import from_plain, to_plain


class Rendition(Root):
    """Its id follows from the tenant, the source's bytes and the recipe; what was made first
    stays, so that messages that state it can be built again. `facts` are measured of the bytes
    that were made, and found in the asset store by their SHA-256."""

    TOPIC = "rendition"

    if TYPE_CHECKING:
        source: str
        recipe: Recipe
        facts: AssetFacts
        encoder: str
        same_samples: bool
        gain_db: float
        held_by_peak: bool

    @staticmethod
    def id_of(tenant_id: UUID, source: str, recipe: Recipe) -> UUID:
        return rendition_id(tenant_id, source, to_plain(recipe))

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
        gain_db: float = 0.0,
        held_by_peak: bool = False,
    ) -> Self:
        """`source` is the SHA-256 of the asset, `same_samples` whether it was proven by PCM hash
        that no sample differs. `gain_db` is by how much the level was changed, `held_by_peak`
        whether it was less than asked for because the true peak allowed no more."""
        made = to_plain(replace(facts, analysis=None))
        del made["awaits_analysis"]
        return cls._create(
            RenditionRendered,
            id=cls.id_of(tenant_id, source, recipe),
            source=str(source),
            recipe=to_plain(recipe),
            facts=made,
            encoder=encoder,
            same_samples=same_samples,
            gain_db=gain_db,
            held_by_peak=held_by_peak,
        )


@dataclass(frozen=True)
class RenditionRendered(Created):
    """`encoder` names the program and version that wrote the bytes."""

    TOPIC = "rendition.rendered"
    class_version: ClassVar[int] = 2
    source: str
    recipe: dict[str, Any]
    facts: dict[str, Any]
    encoder: str
    same_samples: bool
    gain_db: float
    held_by_peak: bool

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["gain_db"], state["held_by_peak"] = 0.0, False

    def apply(self, aggregate: Rendition) -> None:
        aggregate.source, aggregate.recipe = self.source, recipe_from_plain(self.recipe)
        aggregate.facts = from_plain(AssetFacts, self.facts)
        aggregate.encoder, aggregate.same_samples = self.encoder, self.same_samples
        aggregate.gain_db, aggregate.held_by_peak = self.gain_db, self.held_by_peak
