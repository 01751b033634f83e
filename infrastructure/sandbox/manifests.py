"""The manifest of a batch as values, in every version that the DSP takes."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from deadwax.infrastructure.sandbox.reading import Element, HashSum, hash_sum, text

NONE: Element = etree.Element("none")
"""The root of a manifest that is not there, or cannot be read."""


@dataclass(frozen=True)
class Version:
    """`bare`: its folders are the batch id alone. `schema` None: no XSD is known here."""

    name: str
    bare: bool
    hash_value: str
    schema: str | None


VERSIONS: dict[str, Version] = {
    "http://ddex.net/xml/ern-c/15": Version("1.5", True, "HashSum", None),
    "http://ddex.net/xml/ern-c-sftp/16": Version("1.6", False, "HashSum", "ern-c-sftp-16"),
    "http://ddex.net/xml/ern-c-sftp/17": Version("1.7", False, "HashSumValue", None),
    "http://ddex.net/xml/ern-c-sftp/18": Version("1.8", False, "HashSumValue", "ern-c-sftp-18"),
}


@dataclass(frozen=True)
class ManifestEntry:
    """One MessageInBatch. `url` is relative to the batch folder."""

    message_id: str
    url: str
    release_ids: tuple[str, ...]
    type: str
    delivery: str
    hash_sum: HashSum | None

    @classmethod
    def found(cls, url: str) -> ManifestEntry:
        """A message that no manifest speaks of."""
        return cls("", url, (), "", "", None)


@dataclass(frozen=True)
class Manifest:
    root: Element
    sender: str
    recipient: str
    is_test: bool
    root_directory: str
    declared: str
    entries: tuple[ManifestEntry, ...]

    @property
    def is_stated(self) -> bool:
        """Whether a manifest was there and could be read."""
        return self.root is not NONE

    @property
    def version(self) -> Version | None:
        name = etree.QName(self.root)
        return VERSIONS.get(name.namespace or "") if name.localname == "ManifestMessage" else None

    @classmethod
    def of_files(cls, folder: str, urls: list[str]) -> Manifest:
        """What a delivery without a readable manifest seems to hold."""
        entries = tuple(ManifestEntry.found(url) for url in urls)
        return cls(NONE, "", "", False, folder, "", entries)


def read_manifest(root: Element) -> Manifest:
    """Values as they stand; what is absent is empty, for the checks to name."""
    version = VERSIONS.get(etree.QName(root).namespace or "")
    value = version.hash_value if version else "HashSumValue"
    return Manifest(
        root=root,
        sender=text(root, "MessageHeader/MessageSender/PartyId"),
        recipient=text(root, "MessageHeader/MessageRecipient/PartyId"),
        is_test=text(root, "IsTestFlag") in ("true", "1"),
        root_directory=text(root, "RootDirectory"),
        declared=text(root, "NumberOfMessages"),
        entries=tuple(
            ManifestEntry(
                message_id=text(entry, "MessageId"),
                url=text(entry, "URL"),
                release_ids=tuple(
                    (id.text or "").strip() for id in entry.iterfind("IncludedReleaseId/*")
                ),
                type=text(entry, "MessageType"),
                delivery=text(entry, "DeliveryType"),
                hash_sum=hash_sum(entry, value, "HashSumAlgorithmType", "HashSumDataType"),
            )
            for entry in root.iterfind("MessageInBatch")
        ),
    )
