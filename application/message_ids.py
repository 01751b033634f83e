"""Ids of messages: the distribution and the attempt that composed it."""

from __future__ import annotations

from uuid import UUID


def message_id(distribution_id: UUID, token: int) -> str:
    """Unique per sender for ever: the distribution and the attempt that composed it."""
    return f"{distribution_id.hex}.{token}"


def distribution_of(message_id: str) -> UUID | None:
    """The distribution that a message id belongs to; None if the id is not of our making."""
    head, _, token = message_id.partition(".")
    try:
        return UUID(hex=head) if len(head) == 32 and token.isdigit() else None
    except ValueError:
        return None
