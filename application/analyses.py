"""Measuring what files hold: as they come in, later by a worker, or once more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.errors import NotYet, Stopped
from deadwax.application.media import Fraction, MediaTools
from deadwax.application.ports import AssetStore
from deadwax.application.process import cause_of
from deadwax.domain.assets import Asset, AssetFacts, Facts
from deadwax.domain.cause import acting, current_cause
from deadwax.domain.errors import Refused
from deadwax.domain.identifiers import Sha256, asset_id
from deadwax.domain.media.measured import Analysis, Fault

UNMEASURED = "none"
"""The analyser of what could not be read to its end."""


class AnalysesUnderWay(Protocol):
    """Who measures what, and how far it is: may be lost, and then something is measured twice."""

    def begin(self, asset_id: UUID, worker: str) -> bool:
        """False while another is at it who said something lately."""
        ...

    def show(self, asset_id: UUID, worker: str, done: float) -> None:
        """How far it is, 0 to 1; failing to is no error."""
        ...

    def end(self, asset_id: UUID, worker: str) -> None:
        """Failing to is no error."""
        ...

    def of(self, asset_id: UUID) -> float | None:
        """How far it is; None while nobody is at it."""
        ...


class Analyses:
    def __init__(
        self,
        catalogue: Catalogue,
        store: AssetStore,
        media: MediaTools,
        under_way: AnalysesUnderWay,
        worker: str,
    ) -> None:
        self._catalogue, self._store, self._media = catalogue, store, media
        self._under_way, self._worker = under_way, worker

    def advance(self, id: UUID, keep_going: Callable[[], bool]) -> None:
        """Measure an asset that waits for it; nothing if it does not, or somebody is at it.
        Raises Stopped."""
        asset = self._catalogue.find(Asset, id)
        if asset is None or not asset.facts.awaits_analysis:
            return
        with acting(cause_of(asset, self._worker)):
            if self._under_way.begin(id, self._worker):
                self._measure(asset, keep_going)

    def repeat(self, sha256: Sha256, filename: str | None = None) -> tuple[AssetFacts, int]:
        """Measure a file of the tenant, once more if it was before; its facts and the log
        position, 0 if the same was found. `filename` is what it is called now, if not as before.
        Raises NotFound, and NotYet while somebody is at it."""
        asset = self._catalogue.get(Asset, asset_id(current_cause().tenant_id, sha256))
        if not self._under_way.begin(asset.id, self._worker):
            raise NotYet("This file is being measured now. Ask for it again when that is done.")
        return self._measure(asset, lambda: True, filename)

    def progress(self, sha256: str) -> float | None:
        """How far the measuring of the tenant's file is; None while nobody is at it."""
        return self._under_way.of(asset_id(current_cause().tenant_id, sha256))

    @redone_on_conflict
    def note(self, id: UUID, analysis: Analysis) -> tuple[AssetFacts, int]:
        """The facts of the asset with this analysis, and the log position."""
        asset = self._catalogue.get(Asset, id)
        asset.analyse(analysis)
        return asset.facts, self._catalogue.save(asset)

    def _measure(
        self, asset: Asset, keep_going: Callable[[], bool], filename: str | None = None
    ) -> tuple[AssetFacts, int]:
        def progress(done: float) -> None:
            if not keep_going():
                raise Stopped("The analysis was stopped.")
            self._under_way.show(asset.id, self._worker, done)

        try:
            with self._store.local(asset.facts.sha256) as path:
                name = filename or asset.facts.filename
                analysis = self._analysis(path, name, asset.facts, progress)
            return self.note(asset.id, analysis)
        finally:
            self._under_way.end(asset.id, self._worker)

    def _analysis(
        self, path: str, filename: str, facts: AssetFacts, progress: Fraction
    ) -> Analysis:
        """What cannot be read has that for its fault: reading it for ever would not help."""
        said: Facts | None = facts.audio or facts.image or facts.video or facts.text
        assert said
        try:
            return self._media.analyse(path, filename, said, progress)
        except Refused as refused:
            faults = tuple(Fault(code=p.code, message=p.message) for p in refused.problems)
            return Analysis(analyser=UNMEASURED, faults=faults)
