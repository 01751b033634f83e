"""How the parts of a message point at each other, which libxml2 does not check."""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.infrastructure.ern.checks.message import Element, Message, text
from deadwax.infrastructure.ern.checks.names import ANCHORS, POINTERS
from deadwax.infrastructure.ern.checks.rule import Fault, rule
from deadwax.infrastructure.ern.versions import Family

_ANY: frozenset[str] = frozenset()
# How a release, and what belongs to it, names a resource.
_USES = {
    Family.THREE: (
        "ReleaseResourceReference",
        "LinkedReleaseResourceReference",
        "ResourceGroupResourceReference",
        "RepresentativeImageReference",
    ),
    Family.FOUR: (
        "ReleaseResourceReference",
        "LinkedReleaseResourceReference",
        "RepresentativeImageReference",
    ),
}


@rule("ern_reference_duplicate", "XSD (xs:ID)", "Give it one of its own.", messages=_ANY)
def duplicate(message: Message) -> Iterator[Fault]:
    """A reference names one thing in the whole message."""
    seen: dict[str, Element] = {}
    for anchor in message.all(*_of_family(ANCHORS, message)):
        name = text(anchor)
        if name in seen:
            yield anchor, f"{name} is also the reference in line {seen[name].sourceline}."
        else:
            seen[name] = anchor


@rule("ern_reference_dangling", "XSD (xs:IDREF)", "Refer to what is there.", messages=_ANY)
def dangling(message: Message) -> Iterator[Fault]:
    """Whatever is referred to is in the message."""
    anchors = message.all(*_of_family(ANCHORS, message))
    known = {text(anchor) for anchor in anchors}
    for pointer in message.all(*_of_family(POINTERS, message)):
        if text(pointer) not in known:
            yield pointer, f"Nothing in the message has the reference {text(pointer)!r}."


@rule("ern_resource_unused", "Release Profiles", "Use it in a release or leave it out.")
def unused(message: Message) -> Iterator[Fault]:
    """Every resource is used by a release."""
    used = {text(pointer) for pointer in message.all(*_of_family(_USES, message))}
    for name, resource in message.resources.items():
        if name not in used:
            yield resource, f"No release uses the resource {name}."


def _of_family(names: dict[Family, tuple[str, ...]], message: Message) -> tuple[str, ...]:
    """None of them in the choreography's messages."""
    return names[message.family] if message.family else ()


RULES = (duplicate, dangling, unused)
