"""The bodies of commands that are no values of the domain themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field

from deadwax.api.instant import Instant
from deadwax.application.bulk_selection import Selection
from deadwax.domain.addresses.ssh import HostKey
from deadwax.domain.api_key import Role
from deadwax.domain.bulk_terms import BulkOrder
from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Icpn
from deadwax.domain.priority import Priority
from deadwax.domain.states import Status
from deadwax.domain.tenant import TenantKind
from deadwax.domain.texts import Moment, Name

_STRICT: dict[str, Any] = {"extra": "forbid"}


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _words(value: str) -> str:
    if not value.strip() or _CONTROL.search(value):
        raise InvalidValue(
            "words_invalid",
            "Nothing is said, or it holds control characters.",
            "Give 1 to 2,000 characters; lines may be broken.",
        )
    return value


Words = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_words)]
"""What a person has to say."""


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """The command needs no words: {} or no body at all."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why, for the audit trail."""

    reason: Words
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class Paused:
    """Why, and until when if not until it is resumed: a time with an offset."""

    reason: Words
    until: Instant | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class Takedown:
    """Why, and from when if not at once: `effective` is a day or local time of each territory,
    or an instant."""

    reason: Words
    effective: Moment | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class Purge:
    """Why, and the ICPN of the release that is to be deleted for good."""

    reason: Words
    icpn: Icpn
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class NewTenant:
    """`review`: whether a person approves what was submitted before it can be distributed."""

    name: Name
    kind: TenantKind
    review: bool
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """An API key to issue. `name` says whose it is; `target_id` which target a `platform` pulls
    from, and belongs to that role only."""

    role: Role
    name: Name
    target_id: UUID | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class PinnedHostKey:
    """The host key to trust from now on, after comparing it with the platform's own word.
    `beside` keeps what was trusted before, while the platform changes its key. `fallback`: it is
    of the target's other way."""

    host_key: HostKey
    beside: bool = False
    fallback: bool = False
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class CheckedWay:
    """`fallback`: the target's other way, instead of its own address."""

    fallback: bool = False
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class WantedTargets:
    """`not_before` is a time with an offset, before which nothing is sent; `priority` is normal
    for what is new, and as it was for what is asked for anew, unless it is given."""

    target_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=500)]
    not_before: Instant | None = None
    priority: Priority | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    def __post_init__(self) -> None:
        if len(set(self.target_ids)) != len(self.target_ids):
            raise InvalidValue(
                "target_twice", "A target is named twice.", "Name every target once."
            )


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What a person established of a message whose outcome is unknown, and how."""

    delivered: bool
    evidence: Words
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class StatusReport:
    """What a platform said, and how one knows. `message_id` is the message that was sent last
    unless another is named."""

    status: Name
    evidence: Words
    message_id: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class TestTarget:
    """A target of mode test."""

    target_id: UUID
    __test__: ClassVar[bool] = False
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class WantedPriority:
    """Its place among those that wait for the target."""

    priority: Priority
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Who looks after a failure, by name or e-mail address; null: nobody any more."""

    assignee: Name | None
    note: Words = ""
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class StatedStatus:
    """Where it stands by the word of a person, and how they know."""

    status: Status
    reason: Words
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class NewBulk:
    """A bulk job: what is to be done, to which distributions, and whether it runs by itself once
    it is checked."""

    order: BulkOrder
    selection: Selection
    run_when_checked: bool = False
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT
