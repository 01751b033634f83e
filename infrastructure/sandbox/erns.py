"""An ERN message as values, in every version that the DSP takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from deadwax.infrastructure.sandbox.reading import Element, HashSum, hash_sum, text, texts

VERSIONS = {f"http://ddex.net/xml/ern/{v}": f"ern-{v}" for v in (382, 383, 411, 42, 43, 432)}
"""The folder of the schema set of each namespace."""

_ROOTS = ("NewReleaseMessage", "PurgeReleaseMessage")


@dataclass(frozen=True)
class NamedFile:
    """A file that the message says is delivered; `uri` is relative to the ERN's folder. `stated`
    is what the message says of it, by the names of ERN's elements; bit rates in bits per second."""

    uri: str
    size: str
    hash_sum: HashSum | None
    stated: Mapping[str, str]


@dataclass(frozen=True)
class Ern:
    root: Element
    message_id: str
    sender: str
    recipients: tuple[str, ...]
    is_test: bool
    icpns: tuple[str, ...]
    grids: tuple[str, ...]
    isrcs: tuple[str, ...]
    files: tuple[NamedFile, ...]
    is_takedown: bool

    @property
    def icpn(self) -> str:
        return self.icpns[0] if self.icpns else ""

    @property
    def schema(self) -> str | None:
        """The folder of its schema set; None for what is no ERN that is taken here."""
        name = etree.QName(self.root)
        return VERSIONS.get(name.namespace or "") if name.localname in _ROOTS else None


def read_ern(root: Element) -> Ern:
    """Values as they stand."""
    header, ids = "MessageHeader/", _release_id(root)
    return Ern(
        root=root,
        message_id=text(root, header + "MessageId"),
        sender=text(root, header + "MessageSender/PartyId"),
        recipients=texts(root, header + "MessageRecipient/PartyId"),
        is_test=text(root, header + "MessageControlType") == "TestMessage",
        icpns=texts(root, f"{ids}/ICPN"),
        grids=texts(root, f"{ids}/GRid"),
        isrcs=tuple((isrc.text or "").strip() for isrc in _isrcs(root)),
        files=tuple(_named(file) for file in root.iterfind("ResourceList//File") if _sent(file)),
        is_takedown=_withdraws(root),
    )


def _release_id(root: Element) -> str:
    """The path of the main release's ids. ERN 3 marks it among all releases."""
    if etree.QName(root).localname == "PurgeReleaseMessage":
        return "PurgedRelease/ReleaseId"
    main = "ReleaseList/Release[@IsMainRelease='true']"
    found = main if root.find(main) is not None else "ReleaseList/Release"
    return f"{found}/ReleaseId"


def _isrcs(root: Element) -> list[Element]:
    """Of the recordings themselves: ResourceId since ERN 4, before it SoundRecordingId, VideoId."""
    own = ("ResourceId", "SoundRecordingId", "VideoId")
    resources = root.find("ResourceList")
    found = [] if resources is None else resources.iter("ISRC")
    return [isrc for isrc in found if (up := isrc.getparent()) is not None and up.tag in own]


def _named(file: Element) -> NamedFile:
    """FileName and FilePath before ERN 4, URI since."""
    before = f"{text(file, 'FilePath')}/{text(file, 'FileName')}".lstrip("/").replace("//", "/")
    if file.find("URI") is None:
        stated = hash_sum(file, "HashSum", "HashSumAlgorithmType", "HashSumDataType")
        return NamedFile(before, "", stated, _stated(file))
    stated = hash_sum(file, "HashSumValue", "Algorithm", "DataType")
    return NamedFile(text(file, "URI"), text(file, "FileSize"), stated, _stated(file))


_UNITS = {"bps": 1, "kbps": 1000, "Mbps": 1_000_000, "Gbps": 1_000_000_000}
_RESOURCES = ("SoundRecording", "Video", "Image", "Text")


def _stated(file: Element) -> dict[str, str]:
    """The technical details around a file, and the duration of its resource."""
    details = file.getparent()
    assert details is not None
    said = {str(one.tag): (one.text or "").strip() for one in details if not len(one)}
    for name in ("AudioCodecType", "ImageCodecType"):
        found = details.find(name)
        if found is not None and found.text == "UserDefined":
            said[name] = found.get("UserDefinedValue", "")
    rate = details.find("BitRate")
    if rate is not None:
        unit = _UNITS[rate.get("UnitOfMeasure", "kbps")]
        said["BitRate"] = str(round(float(said["BitRate"]) * unit))
    for resource in file.iterancestors(*_RESOURCES):
        if lasts := text(resource, "Duration"):
            said["Duration"] = lasts
    return said


def _sent(file: Element) -> bool:
    """Since ERN 4.2 technical details alone do not say so."""
    details = file.getparent()
    return details is None or text(details, "IsProvidedInDelivery") not in ("false", "0")


def _withdraws(root: Element) -> bool:
    """No deal; or every deal says that it is taken down, had ended when this was written, or
    says nothing but its end (ERN 3)."""
    created = text(root, "MessageHeader/MessageCreatedDateTime")
    terms = root.findall("DealList/ReleaseDeal/Deal/DealTerms")
    return all(_has_ended(deal, created) for deal in terms)


def _has_ended(deal: Element, created: str) -> bool:
    if text(deal, "TakeDown") == "true" or text(deal, "AllDealsCancelled") == "true":
        return True
    periods = deal.findall("ValidityPeriod")
    return bool(periods) and all(_is_over(period, created) for period in periods)


def _is_over(period: Element, created: str) -> bool:
    start = text(period, "StartDate") or text(period, "StartDateTime")
    end = text(period, "EndDate") or text(period, "EndDateTime")
    return bool(end) and (not start or end <= created)
