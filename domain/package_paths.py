"""The paths of one delivery, by its target's choreography."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deadwax.domain.file_names import FolderName, InReleaseFolder, Placeholders

if TYPE_CHECKING:
    from deadwax.domain.choreography import Choreography


@dataclass(frozen=True)
class PackagePaths:
    """The paths of one delivery. Releases are told apart by their ids: icpn, grid."""

    choreography: Choreography
    batch_id: str

    def root(self, ids: Placeholders) -> str:
        """The folder of the whole delivery. A batch has one whatever the release."""
        pattern = self.choreography.folder or FolderName(self.choreography.rules.folder)
        return pattern.fill(ids | self._own)

    def release(self, ids: Placeholders) -> str:
        """The folder of a message, where its URIs start."""
        if not self.choreography.is_batch:
            return self.root(ids)
        pattern = self.choreography.release_folder or InReleaseFolder("{icpn}")
        return f"{self.root(ids)}/{pattern.fill(ids)}"

    def message(self, ids: Placeholders) -> str:
        return f"{self.release(ids)}/{self.choreography.file_names.message.fill(ids | self._own)}"

    def url(self, ids: Placeholders) -> str:
        """The message as the manifest names it: from the manifest's own folder."""
        return "." + self.message(ids).removeprefix(self.root(ids))

    def manifest(self, ids: Placeholders) -> str:
        return f"{self.root(ids)}/BatchComplete_{self.batch_id}.xml"

    def marker(self, ids: Placeholders) -> str:
        assert self.choreography.marker is not None
        return f"{self.root(ids)}/{self.choreography.marker.fill(ids | self._own)}"

    @property
    def _own(self) -> dict[str, str]:
        return {"priority": self.choreography.priority.value, "batch": self.batch_id}


def checksum_path(path: str) -> str:
    return path + ".md5"
