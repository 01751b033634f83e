"""DDEX acknowledgement messages of the choreography 1.8, as the sandbox DSP writes them."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from deadwax.infrastructure.sandbox.reading import CHOREOGRAPHY_18

INGESTED = "SuccessfullyIngestedByReleaseDistributor"
AVAILABLE = "ReleaseMadeAvailableToConsumers"
NOT_AVAILABLE = "ReleaseNotAvailable"
REFUSED = "ProcessingErrorAtReleaseDistributor"

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# The more a sender has to do, the further back; the furthest is proposed.
_ACTIONS = ["ResendXmlOnly", "ResendXmlAndResources", "DoNotResendRelease"]


def file_name(message_id: str, at: datetime, taken: Collection[str]) -> str:
    """`ACK_<MessageId>_<YYYYMMDDhhmmssnnn>.xml`, a millisecond later while it is taken."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", message_id)
    while (name := f"ACK_{safe}_{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03d}.xml") in taken:
        at += timedelta(milliseconds=1)
    return name


def build(dpid: str, message: dict[str, Any], step: dict[str, Any]) -> bytes:
    """The acknowledgement for one step of a message, both as the journal holds them."""
    root = etree.Element(
        f"{{{CHOREOGRAPHY_18}}}AcknowledgementMessage",
        {"AvsVersionId": "4"},
        nsmap={"ern-c-sftp": CHOREOGRAPHY_18},
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
        _add(release, "ErrorText", "; ".join(fault["text"] for fault in faults[:5]))
        action = max((fault["action"] for fault in faults), key=_ACTIONS.index)
        _add(release, "ProposedActionType", action)
    about = etree.SubElement(release, "Acknowledgement")
    _add(about, "MessageType", "NewReleaseMessage")
    _add(about, "BatchId", message["batch_id"])
    _add(about, "MessageId", message["message_id"])
    for fault in faults or [{"status": "FileOK"}]:
        status = etree.SubElement(about, "MessageStatus")
        _add(status, "Status", fault["status"])
        if "text" in fault:
            _add(status, "Information", fault["text"])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = _NOT_XML.sub("?", text)
