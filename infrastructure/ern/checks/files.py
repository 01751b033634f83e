"""Files that a message names: their hash sums, and a manifest's count of messages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from deadwax.infrastructure.ern.checks.message import Element, Message, parent_tag, text
from deadwax.infrastructure.ern.checks.rule import Fault, rule

_STATUS = "ErncFileStatus SignatureOrHashSumWrongOrMissing"
_MANIFEST = frozenset({"ManifestMessage"})
# Bytes of each; other algorithms are left to the recipient.
_HEX = re.compile("(?:[0-9a-fA-F]{2})+")
_BASE64 = re.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
HASH_BYTES = {"MD5": 16, "SHA1": 20, "SHA-256": 32, "SHA-512": 64}


@rule("ern_hash_missing", _STATUS, "State its hash sum.")
def present(message: Message) -> Iterator[Fault]:
    """A file that is delivered has a hash sum. Since 4.2 a flag says that it is; before,
    naming it does.
    """
    hashed = {file for _, file in message.with_parents("HashSum")}
    for file in message.delivered:
        if file not in hashed:
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
        algorithm, notation, value = hash_of(element)
        size = HASH_BYTES.get(algorithm)
        if size is not None and size not in lengths(value, notation):
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


def hash_of(element: Element) -> tuple[str, str, str]:
    """Algorithm, notation and value of a HashSum, each by its names of 4.x and of 3.8.x."""
    parts = {child.tag: child.text for child in element}
    algorithm = parts.get("Algorithm") or parts.get("HashSumAlgorithmType") or ""
    notation = parts.get("DataType") or parts.get("HashSumDataType") or ""
    return algorithm, notation, (parts.get("HashSumValue") or parts.get("HashSum") or "").strip()


def lengths(value: str, notation: str) -> set[int]:
    """How many bytes a text can stand for, in the notation stated or in either; empty if none."""
    found = set()
    if notation != "Binary64" and _HEX.fullmatch(value):
        found.add(len(value) // 2)
    if notation != "HexBinary" and _BASE64.fullmatch(value):
        found.add(len(value) * 3 // 4 - value.count("="))
    return found


RULES = (present, valid, count, unique)
