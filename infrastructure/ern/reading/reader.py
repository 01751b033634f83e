"""The MessageReader: any ERN message of a known version, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from lxml import etree

from deadwax.application.imported import ImportedMessage, ImportKind, ReleaseIds
from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.ern.reading.cursor import Cursor, document
from deadwax.infrastructure.ern.reading.four.release import read_release as read_four
from deadwax.infrastructure.ern.reading.header import header
from deadwax.infrastructure.ern.reading.ids import release_ids
from deadwax.infrastructure.ern.reading.result import ReleaseRead
from deadwax.infrastructure.ern.reading.technical import hold_technical
from deadwax.infrastructure.ern.reading.three.release import read_release as read_three
from deadwax.infrastructure.ern.untrusted import Element, parse_untrusted
from deadwax.infrastructure.ern.versions import Family, Standard, by_namespace

_NEW_RELEASE, _PURGE = "NewReleaseMessage", "PurgeReleaseMessage"
_READERS: Mapping[Family, Callable[[Cursor], ReleaseRead]] = {
    Family.THREE: read_three,
    Family.FOUR: read_four,
}


class DdexReader:
    """Implements application.imported.MessageReader."""

    def read(self, xml: bytes) -> ImportedMessage:
        root = parse_untrusted(xml)
        standard, family = _standard(root)
        message, record = document(root)
        hold_technical(message, standard)
        head = header(message)
        name = etree.QName(root).localname
        ids = release_ids(message.at("PurgedRelease/ReleaseId"))
        read = _READERS[family](message) if name == _NEW_RELEASE else ReleaseRead()
        metadata = read.metadata
        if metadata is not None:
            ids = {"icpn": metadata.icpn, "grid": metadata.grid, "ids": metadata.ids}
        return ImportedMessage(
            version=standard.name.removeprefix("ERN "),
            kind=ImportKind.PURGE if name == _PURGE else _kind(read, head["created_at"]),
            **head,
            ids=ReleaseIds(**ids),
            label=read.label,
            metadata=metadata,
            files=read.files,
            report=record.report(),
        )


def _standard(root: Element) -> tuple[Standard, Family]:
    found = by_namespace(etree.QName(root).namespace)
    name = etree.QName(root).localname
    if found is None or found.family is None or name not in (_NEW_RELEASE, _PURGE):
        problem = Problem(
            "ern_version_unknown",
            "",
            f"{root.tag} is no release notification of a version that is read.",
            "Give a NewReleaseMessage or PurgeReleaseMessage of ERN 3.8 to 4.3.2.",
        )
        raise Refused("The message was not read", [problem])
    return found, found.family


def _kind(read: ReleaseRead, created: datetime | None) -> ImportKind:
    """Without a deal that goes on after the message it takes the release down, unless it
    delivers files: some say the deals in a message of their own."""
    if read.deals.withdraws:
        return ImportKind.TAKEDOWN
    deals = read.deals.deals
    if any(not (created and d.end and d.end.is_past(created)) for d in deals):
        return ImportKind.NEW_RELEASE
    delivers = any(file.provided is not False for file in read.files)
    return ImportKind.NEW_RELEASE if delivers and not deals else ImportKind.TAKEDOWN
