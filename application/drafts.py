"""A message that is built and waits for its delivery to be laid out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from deadwax.application.companions import CompanionMessage
from deadwax.application.messages import (
    BatchEntry,
    BuiltMessage,
    DeliveryType,
    MessageSpec,
    ResourceFile,
)
from deadwax.application.packaging import ReleaseFiles, product_type, release_ids
from deadwax.application.ports import StoredAsset
from deadwax.domain.choreography import Choreography
from deadwax.domain.differences import Change
from deadwax.domain.file_names import Placeholders
from deadwax.domain.media.form import Form
from deadwax.domain.package_paths import PackagePaths
from deadwax.domain.rights_proof import RightsProof


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A built message that waits for its delivery to be laid out. `resources` are the files it
    relies on: those it brings, or those that the platform has from an earlier message."""

    distribution_id: UUID
    target_id: UUID
    spec: MessageSpec
    built: BuiltMessage
    resources: tuple[ResourceFile, ...]
    companions: Sequence[tuple[CompanionMessage, StoredAsset]]
    versions: dict[str, int]
    form: Form
    renditions: Mapping[str, UUID]
    proof: RightsProof | None
    changes: list[Change] | None
    choreography: Choreography
    xml: StoredAsset
    delivery: DeliveryType | None

    @property
    def ids(self) -> Placeholders:
        return release_ids(self.spec.release)

    @property
    def files(self) -> ReleaseFiles:
        return ReleaseFiles(
            ids=self.ids,
            message=self.xml,
            resources=[*self.built.resources, *self.spec.documents],
            assets=self.spec.assets,
        )

    def entry(self, paths: PackagePaths) -> BatchEntry:
        assert self.delivery is not None
        return BatchEntry(
            message_id=self.spec.message_id,
            icpn=self.ids.get("icpn"),
            grid=self.ids.get("grid"),
            url=paths.url(self.ids),
            md5=self.xml.md5,
            delivery=self.delivery,
            product=product_type(self.spec.release),
        )
