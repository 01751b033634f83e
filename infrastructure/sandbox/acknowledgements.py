"""DDEX acknowledgement messages of the choreographies 1.6 and 1.8, as the DSP writes them."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lxml import etree

from deadwax.infrastructure.sandbox.journal import Record

_NAMESPACE_16 = "http://ddex.net/xml/ern-c-sftp/16"
_NAMESPACE_18 = "http://ddex.net/xml/ern-c-sftp/18"

INGESTED = "SuccessfullyIngestedByReleaseDistributor"
AVAILABLE = "ReleaseMadeAvailableToConsumers"
NOT_AVAILABLE = "ReleaseNotAvailable"
REFUSED = "ProcessingErrorAtReleaseDistributor"

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# The more a sender has to do, the further back; the furthest is proposed.
_ACTIONS = ["ResendXmlOnly", "ResendXmlAndResources", "DoNotResendRelease"]
_ACTIONS_16 = _ACTIONS[:2]


def file_name(message: Record, at: datetime, taken: Collection[str]) -> str:
    """`ACK_<MessageId>_<YYYYMMDDhhmmssnnn>.xml`; up to 1.7 `ACK_<time of the batch>_<ReleaseId>`.
    Of a name that is taken, the next millisecond's."""
    id, is_old = message["message_id"], message["acknowledgements"] == "1.6"
    if is_old:
        at = datetime.strptime(message["batch_id"] + "000", "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
        id = message["release_id"]
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", id)
    while True:
        stamp = f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03d}"
        name = f"ACK_{stamp}_{safe}.xml" if is_old else f"ACK_{safe}_{stamp}.xml"
        if name not in taken:
            return name
        at += timedelta(milliseconds=1)


def build(dpid: str, message: Record, step: Record) -> bytes | None:
    """The acknowledgement for one step of a message, both as the journal holds them; None where
    the version has no word for it."""
    if not has_word(message, step["status"]):
        return None
    form = _of_files if message["acknowledgements"] == "1.6" else _of_release
    return form(dpid, message, step)


def has_word(message: Record, status: str) -> bool:
    """1.6 knows what became of files, and nothing of what is live."""
    return message["acknowledgements"] != "1.6" or status in (INGESTED, REFUSED)


def _of_files(dpid: str, message: Record, step: Record) -> bytes:
    """1.6: one status for all, and no word of what was published."""
    root = etree.Element(
        f"{{{_NAMESPACE_16}}}FtpAcknowledgementMessage",
        {"MessageVersionId": "ern-c-sftp/16"},
        nsmap={"ern-c-sftp": _NAMESPACE_16},
    )
    header = etree.SubElement(root, "MessageHeader")
    _add(etree.SubElement(header, "MessageSender"), "PartyId", dpid)
    _add(etree.SubElement(header, "MessageRecipient"), "PartyId", message["sender"])
    _add(header, "MessageCreatedDateTime", step["due"])
    file = etree.SubElement(root, "AcknowledgedFile")
    _add(file, "ReleaseId", message["release_id"])
    batch = message["batch_id"]
    _add(file, "Date", f"{batch[:4]}-{batch[4:6]}-{batch[6:8]}")
    faults = message["faults"]
    _add(root, "FileStatus", faults[0]["status"] if faults else "FileOK")
    if faults:
        _add(root, "ErrorText", _texts(faults))
        action = _action(faults)
        if action in _ACTIONS_16:
            _add(root, "ProposedActionType", action)
        _add(root, "ManualCheckRequired", "false" if action in _ACTIONS_16 else "true")
    return _bytes(root)


def _of_release(dpid: str, message: Record, step: Record) -> bytes:
    root = etree.Element(
        f"{{{_NAMESPACE_18}}}AcknowledgementMessage",
        {"AvsVersionId": "4"},
        nsmap={"ern-c-sftp": _NAMESPACE_18},
    )
    header = etree.SubElement(root, "MessageHeader")
    _add(header, "MessageId", Path(step["name"]).stem)
    _add(etree.SubElement(header, "MessageSender"), "PartyId", dpid)
    _add(etree.SubElement(header, "MessageRecipient"), "PartyId", message["sender"])
    _add(header, "MessageCreatedDateTime", step["due"])
    _add(header, "MessageControlType", "TestMessage" if message["test"] else "LiveMessage")
    release = etree.SubElement(root, "ReleaseStatus")
    release_id = etree.SubElement(release, "ReleaseId")
    if message["icpn"]:
        _add(release_id, "ICPN", message["icpn"])
    _add(release, "ReleaseStatus", step["status"])
    faults = message["faults"]
    if faults:
        _add(release, "ErrorText", _texts(faults))
        _add(release, "ProposedActionType", _action(faults))
    about = etree.SubElement(release, "Acknowledgement")
    _add(about, "MessageType", "NewReleaseMessage")
    _add(about, "BatchId", message["batch_id"])
    _add(about, "MessageId", message["message_id"])
    for fault in faults or [{"status": "FileOK"}]:
        status = etree.SubElement(about, "MessageStatus")
        _add(status, "Status", fault["status"])
        if "text" in fault:
            _add(status, "Information", fault["text"])
    return _bytes(root)


def _texts(faults: list[Record]) -> str:
    return "; ".join(fault["text"] for fault in faults[:5])


def _action(faults: list[Record]) -> str:
    action: str = max((fault["action"] for fault in faults), key=_ACTIONS.index)
    return action


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = _NOT_XML.sub("?", text)
