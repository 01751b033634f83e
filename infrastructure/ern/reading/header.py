"""The MessageHeader: who writes to whom, when, and how the message is called."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from deadwax.application.imported import MessageParty
from deadwax.domain.target import Mode
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.values import converted, identifier, name

_TEST = "TestMessage"


def header(message: Cursor) -> dict[str, Any]:
    """The fields of an ImportedMessage that the header holds. Without MessageControlType a
    message is live."""
    found = message.child("MessageHeader")
    if found is None:
        return {
            "message_id": None,
            "thread_id": None,
            "created_at": None,
            "mode": Mode.LIVE,
            "sender": MessageParty(),
            "recipient": MessageParty(),
        }
    return {
        "message_id": found.text_of("MessageId"),
        "thread_id": found.text_of("MessageThreadId"),
        "created_at": converted(found.child("MessageCreatedDateTime"), _timestamp),
        "mode": Mode.TEST if found.text_of("MessageControlType") == _TEST else Mode.LIVE,
        "sender": _party(found.child("MessageSender")),
        "recipient": _party(found.child("MessageRecipient")),
    }


def _party(party: Cursor | None) -> MessageParty:
    if party is None:
        return MessageParty()
    ids = party.children("PartyId")
    shown = next(iter(party.at("PartyName/FullName")), None)
    for cursor in ids[:1]:
        for attribute in ("IsDPID", "Namespace"):
            if cursor.get(attribute) in ("true", "1", "DPID"):
                cursor.attribute(attribute)
    return MessageParty(dpid=identifier(ids[0] if ids else None, "dpid"), name=name(shown))


def _timestamp(text: str) -> datetime:
    """Without a zone it is taken as UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
