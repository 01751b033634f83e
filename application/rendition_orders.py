"""Renditions that people ask for: noted at once, made by a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from deadwax.application.analyses import AnalysesUnderWay
from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.errors import NotFound, Stopped
from deadwax.application.process import cause_of
from deadwax.application.rendering import Exclusive
from deadwax.application.renditions import Renditions
from deadwax.domain.assets import Asset
from deadwax.domain.cause import acting, current_cause
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Sha256, asset_id
from deadwax.domain.media.recipes import AudioRecipe, Recipe
from deadwax.domain.rendition_orders import OrderState, RenditionOrder
from deadwax.domain.renditions import Rendition
from deadwax.domain.vocabulary import AssetKind


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked for, and the rendition as soon as it is there; `progress` is how much of it
    is done, 0 to 1, None while nobody is at it."""

    id: UUID
    source: str
    recipe: Recipe
    state: OrderState
    rendition: Rendition | None
    problems: tuple[Problem, ...] = ()
    progress: float | None = None


class RenditionOrders:
    def __init__(
        self,
        catalogue: Catalogue,
        renditions: Renditions,
        exclusive: Exclusive,
        under_way: AnalysesUnderWay,
        worker: str,
    ) -> None:
        self._catalogue, self._renditions = catalogue, renditions
        self._exclusive, self._under_way, self._worker = exclusive, under_way, worker

    @redone_on_conflict
    def ask(self, source: Sha256, recipe: Recipe) -> tuple[Asked, int]:
        """Ask for a rendition of the tenant's file; the log position, 0 if nothing had to be
        noted: it is there, or waits already. Raises NotFound for the source; Refused where the
        recipe is for another kind of file, or its cover no picture."""
        tenant = current_cause().tenant_id
        self._expect_kinds(source, recipe)
        id = Rendition.id_of(tenant, source, recipe)
        order = self._catalogue.find(RenditionOrder, RenditionOrder.id_of(id))
        if self._renditions.kept(id):
            return self.get(source, id), 0
        if order is None:
            order = RenditionOrder.place(tenant, source, recipe)
        else:
            order.repeat()
        position = self._catalogue.save(order)
        return self.get(source, id), position

    def get(self, source: Sha256, id: UUID) -> Asked:
        """What became of the tenant's rendition of this source, asked for by a person or needed
        for a delivery. Raises NotFound."""
        found = self._catalogue.find_all(Rendition, [id]).get(id)
        order_id = RenditionOrder.id_of(id)
        order = self._catalogue.find_all(RenditionOrder, [order_id]).get(order_id)
        told = found or order
        if told is None or told.source != source:
            raise NotFound("rendition", id)
        waits = order is not None and order.state is OrderState.WAITING
        return Asked(
            id=id,
            source=source,
            recipe=told.recipe,
            state=order.state if order and (waits or not found) else OrderState.MADE,
            rendition=found,
            problems=order.problems if order else (),
            progress=self._under_way.of(id) if waits else None,
        )

    def advance(self, order_id: UUID, keep_going: Callable[[], bool]) -> None:
        """Make what an order waits for; nothing if it does not, or if another worker is at it.
        Raises Stopped."""
        order = self._catalogue.find(RenditionOrder, order_id)
        if order is None or order.state is not OrderState.WAITING:
            return
        with acting(cause_of(order, self._worker)), self._exclusive(order.rendition_id) as ours:
            if ours:
                self._make(order, keep_going)

    def _make(self, order: RenditionOrder, keep_going: Callable[[], bool]) -> None:
        def progress(done: float) -> None:
            if not keep_going():
                raise Stopped("The worker was asked to stop.")
            self._under_way.show(order.rendition_id, self._worker, done)

        self._under_way.begin(order.rendition_id, self._worker)
        try:
            self._renditions.make(Sha256(order.source), order.recipe, progress)
        except Refused as refused:
            self._end(order.id, refused.problems)
        except NotFound as lost:
            why = Problem("file_lost", "source", str(lost), "Restore the file, then ask again.")
            self._end(order.id, (why,))
        else:
            self._end(order.id)
        finally:
            self._under_way.end(order.rendition_id, self._worker)

    @redone_on_conflict
    def _end(self, id: UUID, problems: tuple[Problem, ...] = ()) -> None:
        order = self._catalogue.find(RenditionOrder, id)
        assert order
        if problems:
            order.refuse(problems)
        else:
            order.settle()
        self._catalogue.save(order)

    def _expect_kinds(self, source: Sha256, recipe: Recipe) -> None:
        audio = isinstance(recipe, AudioRecipe)
        self._expect(source, AssetKind.AUDIO if audio else AssetKind.IMAGE, "recipe")
        if isinstance(recipe, AudioRecipe) and recipe.cover:
            self._expect(recipe.cover, AssetKind.IMAGE, "recipe.cover")

    def _expect(self, sha256: Sha256, kind: AssetKind, field: str) -> None:
        tenant = current_cause().tenant_id
        facts = self._catalogue.get(Asset, asset_id(tenant, sha256)).facts
        if facts.kind is not kind:
            problem = Problem(
                "rendition_kind",
                field,
                f"{facts.filename} is of the kind {facts.kind}; {field} takes {kind}.",
                "Choose a recipe for its kind: GET /api/v1/recipes lists them.",
            )
            raise Refused("No such rendition can be made", [problem])
