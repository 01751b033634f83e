"""What an interface lists as the files of a folder, page by page."""

from __future__ import annotations

from typing import Any

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import RemoteFile
from deadwax.domain.addresses.http_calls import Finding
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http.dialect import Dialect
from deadwax.infrastructure.couriers.http.values import number, values_of, within

_MOST_PAGES = 1000


def listed(dialect: Dialect, call: Any, folder: str) -> list[RemoteFile]:
    """Sorted by path. Names that would lead out of the folder are left out: no honest server
    has them. DeliveryFailed(API_UNAVAILABLE) for a list without an end."""
    found: dict[str, RemoteFile] = {}
    cursor, finds = "", call.finds
    for _ in range(_MOST_PAGES):
        values = values_of(folder) | {"folder": folder, "cursor": cursor}
        try:
            answer = dialect.call(call, values, f"listing {folder or 'the root'}")
        except DeliveryFailed as failed:
            if failed.category is FailureCategory.NOT_FOUND:
                break
            raise
        if not answer.tells(finds[Finding.FILES]):
            raise DeliveryFailed(
                FailureCategory.API_UNAVAILABLE, f"Listing {folder}: the answer is no list."
            )
        for node in answer.nodes(finds[Finding.FILES]):
            size = number(within(node, finds[Finding.FILE_SIZE]))
            path = _path(node, finds, folder)
            if path and size is not None:
                found[path] = RemoteFile(path, size)
        cursor = answer.find(finds.get(Finding.NEXT)) or ""
        if not cursor:
            break
    else:
        raise DeliveryFailed(FailureCategory.API_UNAVAILABLE, f"The list of {folder} has no end.")
    return [found[path] for path in sorted(found)]


def _path(node: Any, finds: Any, folder: str) -> str | None:
    before = f"{folder}/" if folder else ""
    whole = within(node, finds.get(Finding.FILE_PATH))
    name = whole.removeprefix(before) if whole else within(node, finds.get(Finding.FILE_NAME))
    if not name or "/" in name or name in (".", "..") or (whole and whole != before + name):
        return None
    return before + name
