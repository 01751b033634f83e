"""Taking in files: store the bytes, measure them, remember the facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import Conflict
from deadwax.application.ports import AssetStore, StoredAsset
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
from deadwax.domain.vocabulary import AssetKind


class MediaProbe(Protocol):
    """Reads what a file is from its bytes."""

    def measure(self, path: str) -> Facts:
        """Raises domain.errors.Refused for what is no media of a known kind."""
        ...


class Assets:
    def __init__(self, catalogue: Catalogue, store: AssetStore, probe: MediaProbe) -> None:
        self._catalogue, self._store, self._probe = catalogue, store, probe

    def ingest(
        self, chunks: Iterable[bytes], filename: str, expected: Sha256 | None
    ) -> tuple[AssetFacts, int]:
        """Store one upload; its facts and log position (0 if the tenant had it already).

        Refused when the bytes are not those stated, or not media that can be delivered.
        """
        measured: list[Facts] = []

        def check(stored: StoredAsset, path: str) -> None:
            if expected is not None and expected != stored.sha256:
                raise _refused(
                    "hash_mismatch",
                    f"The bytes received have SHA-256 {stored.sha256}, not {expected} as stated.",
                    "Upload the file again.",
                )
            measured.append(self._probe.measure(path))

        stored = self._store.put(chunks, check)
        facts = AssetFacts(
            sha256=stored.sha256,
            md5=stored.md5,
            size=stored.size,
            filename=filename,
            **by_kind(measured[0]),
        )
        asset = Asset.store(current_cause().tenant_id, facts)
        try:
            return facts, self._catalogue.save(asset)
        except Conflict:  # the tenant has this file already
            return self.get(Sha256(stored.sha256)), 0

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


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The file was not taken", [Problem(code, "file", message, fix)])
