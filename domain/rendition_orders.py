"""A rendition that somebody asked for: what stands until a worker made it, or says why not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid5

from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.errors import Problem
from deadwax.domain.media.recipes import Recipe, recipe_from_plain
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.renditions import Rendition


class OrderState(StrEnum):
    WAITING = "waiting"
    MADE = "made"
    REFUSED = "refused"


class RenditionOrder(Root):
    """One for each rendition: asking twice finds it, asking after it was refused tries again."""

    TOPIC = "rendition_order"

    if TYPE_CHECKING:
        rendition_id: UUID
        source: str
        recipe: Recipe
        state: OrderState
        problems: tuple[Problem, ...]

    @classmethod
    def id_of(cls, rendition_id: UUID) -> UUID:
        return uuid5(rendition_id, "order")

    @classmethod
    def place(cls, tenant_id: UUID, source: str, recipe: Recipe) -> Self:
        rendition = Rendition.id_of(tenant_id, source, recipe)
        return cls._create(
            RenditionOrdered,
            id=cls.id_of(rendition),
            rendition_id=str(rendition),
            source=str(source),
            recipe=to_plain(recipe),
        )

    def repeat(self) -> None:
        """Nothing while it waits."""
        if self.state is not OrderState.WAITING:
            self.trigger_event(RenditionReordered, rendition_id=str(self.rendition_id))

    def settle(self) -> None:
        """It is made."""
        if self.state is OrderState.WAITING:
            self.trigger_event(RenditionOrderSettled, rendition_id=str(self.rendition_id))

    def refuse(self, problems: tuple[Problem, ...]) -> None:
        """It cannot be made, and why."""
        if self.state is OrderState.WAITING:
            self.trigger_event(
                RenditionOrderRefused,
                rendition_id=str(self.rendition_id),
                problems=to_plain(problems),
            )


@dataclass(frozen=True)
class RenditionOrdered(Created):
    TOPIC = "rendition_order.placed"
    rendition_id: str
    source: str
    recipe: dict[str, Any]

    def apply(self, aggregate: RenditionOrder) -> None:
        aggregate.rendition_id = UUID(self.rendition_id)
        aggregate.source = self.source
        aggregate.recipe = recipe_from_plain(self.recipe)
        aggregate.state, aggregate.problems = OrderState.WAITING, ()


@dataclass(frozen=True)
class RenditionReordered(Event):
    TOPIC = "rendition_order.repeated"
    rendition_id: str

    def apply(self, aggregate: RenditionOrder) -> None:
        aggregate.state, aggregate.problems = OrderState.WAITING, ()


@dataclass(frozen=True)
class RenditionOrderSettled(Event):
    TOPIC = "rendition_order.settled"
    rendition_id: str

    def apply(self, aggregate: RenditionOrder) -> None:
        aggregate.state = OrderState.MADE


@dataclass(frozen=True)
class RenditionOrderRefused(Event):
    """`problems` are {code, field, message, fix}."""

    TOPIC = "rendition_order.refused"
    rendition_id: str
    problems: list[dict[str, Any]]

    def apply(self, aggregate: RenditionOrder) -> None:
        aggregate.state = OrderState.REFUSED
        aggregate.problems = tuple(from_plain(Problem, one) for one in self.problems)
