"""Taking in files: store the bytes, measure them, remember the facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from deadwax.application.analyses import Analyses
from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import Conflict
from deadwax.application.media import MediaTools
from deadwax.application.ports import AssetStore, Check, StoredAsset
from deadwax.domain.assets import (
    Asset,
    AssetFacts,
    AudioFacts,
    Facts,
    ImageFacts,
    TextFacts,
    VideoFacts,
)
from deadwax.domain.cause import current_cause
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Sha256, asset_id
from deadwax.domain.media.measured import Analysis
from deadwax.domain.vocabulary import AssetKind


class Assets:
    def __init__(
        self, catalogue: Catalogue, store: AssetStore, media: MediaTools, analyses: Analyses
    ) -> None:
        self._catalogue, self._store = catalogue, store
        self._media, self._analyses = media, analyses

    def ingest(
        self, chunks: Iterable[bytes], filename: str, expected: Sha256 | None
    ) -> tuple[AssetFacts, int]:
        """Store one upload and measure it; its facts and log position (0 if the tenant had it
        already, measured).

        Refused when the bytes are not those stated, or not media that can be read to its end.
        """
        measured: list[tuple[Facts, Analysis]] = []

        def check(stored: StoredAsset, path: str) -> None:
            _as_stated(stored, expected)
            if not self._is_measured(stored.sha256, filename):
                facts = self._media.recognise(path, filename)
                measured.append((facts, self._media.analyse(path, filename, facts, _nobody)))

        stored = self._store.put(chunks, check)
        if not measured:
            return self.get(Sha256(stored.sha256)), 0
        ((facts, analysis),) = measured
        read = AssetFacts(**vars(stored), filename=filename, **by_kind(facts))
        asset = Asset.store(current_cause().tenant_id, read)
        asset.analyse(analysis)
        try:
            return asset.facts, self._catalogue.save(asset)
        except Conflict:  # the tenant has this file already
            return self._analyses.note(asset.id, analysis)

    def take_in(
        self, path: str, filename: str, expected: Sha256 | None, known: StoredAsset | None
    ) -> tuple[AssetFacts, int]:
        """Store a finished local file, which stays where it is; `known` are its digests, where
        they were computed already. Otherwise as `keep`."""
        return self.keep(lambda check: self._store.take(path, check, known), filename, expected)

    def keep(
        self,
        keeping: Callable[[Check], StoredAsset],
        filename: str,
        expected: Sha256 | None,
    ) -> tuple[AssetFacts, int]:
        """Store what `keeping` keeps, for a worker to measure; its facts by its headers, and the
        log position, 0 if the tenant had it already. What it had and may tell more now is measured
        at once.

        Refused when the bytes are not those stated, or no media of a known kind.
        """
        recognised: list[Facts] = []

        def check(stored: StoredAsset, path: str) -> None:
            _as_stated(stored, expected)
            recognised.append(self._media.recognise(path, filename))

        stored = keeping(check)
        kinds = by_kind(recognised[0])
        facts = AssetFacts(**vars(stored), filename=filename, awaits_analysis=True, **kinds)
        try:
            return facts, self._catalogue.save(Asset.store(current_cause().tenant_id, facts))
        except Conflict:  # the tenant has this file already
            known = self.get(Sha256(stored.sha256))
            if known.awaits_analysis or self._is_measured(known.sha256, filename):
                return known, 0
            return self._analyses.repeat(Sha256(known.sha256), filename)

    def _is_measured(self, sha256: str, filename: str) -> bool:
        """Whether there is nothing to learn from this upload. Under another name it may be what
        that says: then it is looked at again."""
        known = self._catalogue.find(Asset, asset_id(current_cause().tenant_id, sha256))
        if known is None or known.facts.analysis is None:
            return False
        return known.facts.filename == filename or not known.facts.analysis.faults

    def get(self, sha256: Sha256) -> AssetFacts:
        """Raises NotFound, also for another tenant's file."""
        return self._catalogue.get(Asset, asset_id(current_cause().tenant_id, sha256)).facts


_KINDS: dict[type[Facts], AssetKind] = {
    AudioFacts: AssetKind.AUDIO,
    ImageFacts: AssetKind.IMAGE,
    VideoFacts: AssetKind.VIDEO,
    TextFacts: AssetKind.TEXT,
}


def by_kind(measured: Facts) -> dict[str, Any]:
    """The fields of AssetFacts that follow from what was measured."""
    kind = _KINDS[type(measured)]
    return {"kind": kind, kind.value: measured}


def _nobody(done: float) -> None:
    """Who uploads waits for the answer."""


def _as_stated(stored: StoredAsset, expected: Sha256 | None) -> None:
    if expected is not None and expected != stored.sha256:
        raise _refused(
            "hash_mismatch",
            f"The bytes received have SHA-256 {stored.sha256}, not {expected} as stated.",
            "Upload the file again.",
        )


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The file was not taken", [Problem(code, "file", message, fix)])
