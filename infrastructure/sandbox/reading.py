"""What arrives, as values: the batch manifest and the ERN message."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

ERN_43 = "http://ddex.net/xml/ern/43"
CHOREOGRAPHY_18 = "http://ddex.net/xml/ern-c-sftp/18"

Element = etree._Element


class Unreadable(Exception):
    """Bytes that are not XML that may be read here."""


def parse(data: bytes) -> Element:
    """Parse what a stranger sent: no entities, no network, no DOCTYPE. Raises Unreadable."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"not well-formed XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("a DOCTYPE is not allowed")
    return root


@dataclass(frozen=True)
class HashSum:
    algorithm: str
    value: str
    base64: bool


@dataclass(frozen=True)
class ManifestEntry:
    """One MessageInBatch. `url` is relative to the batch folder."""

    message_id: str
    url: str
    icpn: str
    hash_sum: HashSum | None


@dataclass(frozen=True)
class Manifest:
    root: Element
    sender: str
    recipient: str
    is_test: bool
    root_directory: str
    declared: str
    entries: tuple[ManifestEntry, ...]


def read_manifest(root: Element) -> Manifest:
    """Values as they stand; what is absent is empty, for the checks to name."""
    return Manifest(
        root=root,
        sender=_text(root, "MessageHeader/MessageSender/PartyId"),
        recipient=_text(root, "MessageHeader/MessageRecipient/PartyId"),
        is_test=_text(root, "IsTestFlag") in ("true", "1"),
        root_directory=_text(root, "RootDirectory"),
        declared=_text(root, "NumberOfMessages"),
        entries=tuple(
            ManifestEntry(
                message_id=_text(entry, "MessageId"),
                url=_text(entry, "URL"),
                icpn=_text(entry, "IncludedReleaseId/ICPN"),
                hash_sum=_hash_sum(entry, "HashSumAlgorithmType", "HashSumDataType"),
            )
            for entry in root.iterfind("MessageInBatch")
        ),
    )


@dataclass(frozen=True)
class NamedFile:
    """A file that the message says is delivered; `uri` is relative to the ERN's folder."""

    uri: str
    size: str
    hash_sum: HashSum | None


@dataclass(frozen=True)
class Ern:
    root: Element
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    is_test: bool
    icpns: tuple[str, ...]
    isrcs: tuple[str, ...]
    files: tuple[NamedFile, ...]
    is_takedown: bool

    @property
    def icpn(self) -> str:
        return self.icpns[0] if self.icpns else ""


def read_ern(root: Element) -> Ern:
    """Values of an ERN 4.3 message as they stand. Without a deal it is a takedown."""
    header = "MessageHeader/"
    return Ern(
        root=root,
        message_id=_text(root, header + "MessageId"),
        sender=_text(root, header + "MessageSender/PartyId"),
        recipients=_texts(root, header + "MessageRecipient/PartyId"),
        is_test=_text(root, header + "MessageControlType") == "TestMessage",
        icpns=_texts(root, "ReleaseList/Release/ReleaseId/ICPN"),
        isrcs=_texts(root, "ResourceList/SoundRecording/SoundRecordingEdition/ResourceId/ISRC"),
        files=tuple(
            NamedFile(
                uri=_text(file, "URI"),
                size=_text(file, "FileSize"),
                hash_sum=_hash_sum(file, "Algorithm", "DataType"),
            )
            for file in root.iterfind("ResourceList//File")
            if _is_delivered(file)
        ),
        is_takedown=root.find("DealList/ReleaseDeal/Deal") is None,
    )


def _is_delivered(file: Element) -> bool:
    """Since ERN 4.2 technical details alone do not say so."""
    details = file.getparent()
    return details is None or _text(details, "IsProvidedInDelivery") not in ("false", "0")


def _hash_sum(parent: Element, algorithm: str, data_type: str) -> HashSum | None:
    found = parent.find("HashSum")
    if found is None:
        return None
    return HashSum(
        algorithm=_text(found, algorithm),
        value=_text(found, "HashSumValue"),
        base64=_text(found, data_type) == "Binary64",
    )


def _text(parent: Element, path: str) -> str:
    return (parent.findtext(path) or "").strip()


def _texts(parent: Element, path: str) -> tuple[str, ...]:
    return tuple((found.text or "").strip() for found in parent.iterfind(path))
