"""The blocks of a blob: staged out of everybody's sight, and committed in one step.

Their ids say all that a later connection needs: of which content a block is, its number of how
many, and the MD5 by which the server took it.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobBlock, BlobClient

from deadwax.infrastructure.couriers.file_parts import Part, Source

_CONTENT, _NUMBER, _MD5 = 16, 4, 16
_LENGTH = _CONTENT + 2 * _NUMBER + _MD5


@dataclass(frozen=True)
class Block:
    part: Part
    id: str


def blocks_of(source: Source) -> Iterator[Block]:
    size = source.file.size
    count = max(1, -(-size // source.part_size))
    content = bytes.fromhex(source.file.sha256)[:_CONTENT]
    for part in source.parts():
        numbers = part.number.to_bytes(_NUMBER) + count.to_bytes(_NUMBER)
        # Azure wants the ids of one blob to be of one length, of 64 characters at most.
        yield Block(part, urlsafe_b64encode(content + numbers + part.md5).decode().rstrip("="))


def stage(blob: BlobClient, block: Block, source: Source) -> None:
    """The server takes the block only if it arrives with the MD5 that we computed."""
    size = block.part.size
    if size:
        proof = {"Content-MD5": b64encode(block.part.md5).decode()}
        body: Any = source.body(block.part)
        blob.stage_block(block.id, body, length=size, headers=proof)


def uncommitted(blob: BlobClient) -> list[str]:
    try:
        _, found = blob.get_block_list("uncommitted")
    except ResourceNotFoundError:
        return []
    return [str(block.id) for block in found]


def committed(blob: BlobClient) -> list[str]:
    """In order; empty for a blob that was not put together from blocks."""
    found, _ = blob.get_block_list("committed")
    return [str(block.id) for block in found]


def whole(ids: Sequence[str], sha256: str | None) -> list[str] | None:
    """Those of the content with this digest, or of the only one that is there whole; in order.
    None if that is none."""
    contents: dict[bytes, dict[int, str]] = {}
    counts: dict[bytes, int] = {}
    for id in ids:
        raw = _raw(id)
        if raw is not None:
            content = raw[:_CONTENT]
            number = int.from_bytes(raw[_CONTENT : _CONTENT + _NUMBER])
            counts[content] = int.from_bytes(raw[_CONTENT + _NUMBER : _CONTENT + 2 * _NUMBER])
            contents.setdefault(content, {})[number] = id
    if sha256 is not None:
        wanted = bytes.fromhex(sha256)[:_CONTENT]
        contents = {content: ids for content, ids in contents.items() if content == wanted}
    if sha256 == hashlib.sha256().hexdigest():
        return []
    found = [
        [blocks[number] for number in sorted(blocks)]
        for content, blocks in contents.items()
        if sorted(blocks) == list(range(1, counts[content] + 1))
    ]
    return found[0] if len(found) == 1 else None


def _raw(id: str) -> bytes | None:
    """None for an id that is none of ours."""
    try:
        raw = urlsafe_b64decode(id + "=" * (-len(id) % 4))
    except ValueError:
        return None
    return raw if len(raw) == _LENGTH else None


def commit(blob: BlobClient, ids: Sequence[str], over: str | None = None) -> None:
    """Show the blob, unless one stands there, or over exactly the one with the ETag `over`."""
    condition: dict[str, Any] = (
        {"match_condition": MatchConditions.IfMissing}
        if over is None
        else {"match_condition": MatchConditions.IfNotModified, "etag": over}
    )
    blob.commit_block_list([BlobBlock(id) for id in ids], **condition)


def withdraw(blob: BlobClient) -> None:
    """Blocks alone cannot be deleted: an empty blob that has none takes them along."""
    if uncommitted(blob):
        try:
            commit(blob, [])
        except ResourceExistsError:
            return  # another was first, and its commit took them along
        blob.delete_blob()
