"""What changed between two plain documents, as amending events store it."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def changes_between(before: Document, after: Document) -> Document:
    """Each field that differs as {"from": old, "to": new}; None where there is no value."""
    return {
        name: {"from": before.get(name), "to": after.get(name)}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def changed_by(document: Document, changes: Document) -> Document:
    """The document after `changes_between`'s changes."""
    merged = document | {name: change["to"] for name, change in changes.items()}
    return {name: value for name, value in merged.items() if value is not None}
