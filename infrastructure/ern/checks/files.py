"""Files that a message names: their hash sums, and a manifest's count of messages."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from deadwax.infrastructure.ern.checks.message import Element, Message, parent_tag, text
from deadwax.infrastructure.ern.checks.rule import Fault, rule
from deadwax.infrastructure.ern.versions import Family

_STATUS = "ErncFileStatus SignatureOrHashSumWrongOrMissing"
_MANIFEST = frozenset({"ManifestMessage"})
# Bytes of each; other algorithms are left to the recipient.
_NOTATIONS: dict[str, Callable[[str], bytes]] = {
    "HexBinary": binascii.unhexlify,
    "Binary64": partial(b64decode, validate=True),
}
HASH_BYTES = {"MD5": 16, "SHA1": 20, "SHA-256": 32, "SHA-512": 64}


@rule("ern_hash_missing", _STATUS, "State its hash sum.")
def present(message: Message) -> Iterator[Fault]:
    """A file that is delivered has a hash sum. In 4.x a flag beside it says that it is; in
    3.8.x naming it does.
    """
    for file in message.all("File"):
        if file.find("HashSum") is None and _is_delivered(file, message.family):
            yield file, "A file is delivered without its hash sum."


@rule(
    "ern_hash_invalid",
    _STATUS,
    "Give the digits of the hash.",
    families=frozenset(),
    messages=frozenset(),
)
def valid(message: Message) -> Iterator[Fault]:
    """A hash sum is as long as its algorithm makes it, in the notation that is stated."""
    for element in message.all("HashSum"):
        if parent_tag(element) == "HashSum":  # 3.8.x and choreography 1.6 name the value so
            continue
        parts = {str(child.tag): text(child) for child in element}
        algorithm = parts.get("Algorithm") or parts.get("HashSumAlgorithmType") or ""
        notation = parts.get("DataType") or parts.get("HashSumDataType")
        value = parts.get("HashSumValue") or parts.get("HashSum") or ""
        if algorithm in HASH_BYTES and HASH_BYTES[algorithm] not in lengths(value, notation):
            yield element, f"The value is no {notation or 'HexBinary'} {algorithm}."


@rule("ern_manifest_count", "own rule", "Count them.", families=frozenset(), messages=_MANIFEST)
def count(message: Message) -> Iterator[Fault]:
    """NumberOfMessages is the number of messages that the manifest lists."""
    listed = len(message.root.findall("MessageInBatch"))
    for number in message.all("NumberOfMessages"):
        if text(number).lstrip("+0") != str(listed).lstrip("0"):
            yield number, f"NumberOfMessages is {text(number)}, the batch lists {listed}."


@rule(
    "ern_manifest_duplicate",
    "own rule",
    "List each message once.",
    families=frozenset(),
    messages=_MANIFEST,
)
def unique(message: Message) -> Iterator[Fault]:
    """A manifest lists a message once."""
    listed = [e for e in message.all("MessageId") if parent_tag(e) == "MessageInBatch"]
    times = Counter(text(e) for e in listed)
    for element in listed:
        if times[text(element)] > 1 and text(element):
            yield element, f"Message {text(element)} is listed {times[text(element)]} times."


def lengths(value: str, notation: str | None) -> set[int]:
    """How many bytes a text can stand for, in the notation stated or in either; empty if none."""
    found = set()
    for name, decode in _NOTATIONS.items():
        if notation in (name, None):
            with suppress(ValueError):
                found.add(len(decode(value)))
    return found


def _is_delivered(file: Element, family: Family | None) -> bool:
    holder = file.getparent()
    flag = None if holder is None else holder.findtext("IsProvidedInDelivery")
    return family is Family.THREE if flag is None else flag.strip() in ("true", "1")


RULES = (present, valid, count, unique)
