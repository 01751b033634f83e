"""The parts of an upload to Google Cloud Storage: objects apart, composed into one in one step.

Their names say all that a later connection needs: of which content a part is, and its number of
how many.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from google.api_core.exceptions import NotFound
from google.cloud.storage import Blob

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.file_parts import Source
from deadwax.infrastructure.couriers.gcs_client import GcsClient

MOST_PARTS = 32
"""What Google composes at once."""

CONTENT = "deadwax-content"
"""Of the published object's metadata: what it was composed of."""

_NAME = re.compile(r"(?P<content>[0-9a-f]{64})\.(?P<number>[0-9]{2})-(?P<count>[0-9]{2})")


@dataclass(frozen=True)
class SentParts:
    """Those of one content, in order, with the blobs as the server describes them."""

    content: str
    count: int
    blobs: tuple[Blob, ...]

    @property
    def is_whole(self) -> bool:
        return len(self.blobs) == self.count


@dataclass(frozen=True)
class Parts:
    """Of the object `key`: below `folder`, where nothing is ever published."""

    client: GcsClient
    folder: str

    def there(self) -> list[SentParts]:
        found: dict[tuple[str, int], dict[int, Blob]] = {}
        client = self.client.client
        for blob in client.list_blobs(
            self.client.bucket, prefix=self.folder, delimiter="/", **self.client.once
        ):
            name = _NAME.fullmatch(blob.name.removeprefix(self.folder))
            if name is not None:
                parts = found.setdefault((name["content"], int(name["count"])), {})
                parts[int(name["number"])] = blob
        return [
            SentParts(content, count, tuple(parts[number] for number in sorted(parts)))
            for (content, count), parts in found.items()
        ]

    def send_missing(self, source: Source, progress: Callable[[int], None]) -> None:
        """Those of another content are deleted first, and all that our own bytes fail on."""
        content, count = source.file.sha256, max(1, -(-source.file.size // source.part_size))
        there: dict[str, Blob] = {}
        for sent in self.there():
            if (sent.content, sent.count) == (content, count):
                there = {blob.name: blob for blob in sent.blobs}
            else:
                self.delete(sent.blobs)
        try:
            for part in source.parts():
                name = f"{self.folder}{content}.{part.number:02}-{count:02}"
                md5 = b64encode(part.md5).decode()
                found = there.get(name)
                if found is not None and (found.size, found.md5_hash) == (part.size, md5):
                    continue
                if self.client.send(name, source, part) != md5:
                    self.delete([self.client.bucket.blob(name)])
                    raise DeliveryFailed(
                        FailureCategory.INTEGRITY,
                        f"{name} arrived with other bytes than were sent.",
                    )
                progress(part.size)
        except DeliveryFailed as failed:
            if failed.category is FailureCategory.INTEGRITY:
                self.delete_all()
            raise

    def delete_all(self) -> None:
        for sent in self.there():
            self.delete(sent.blobs)

    def delete(self, blobs: Iterable[Blob]) -> None:
        for blob in blobs:
            try:
                blob.delete(**self.client.once)
            except NotFound:
                continue  # by another that was here too
