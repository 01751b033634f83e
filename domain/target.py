"""A delivery target: a tenant's channel to one platform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from deadwax.domain.addresses.ftp import FtpAddress
from deadwax.domain.addresses.http import HttpAddress
from deadwax.domain.addresses.protocols import ADDRESSES, AnyAddress, Protocol
from deadwax.domain.addresses.pull import PullAddress
from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.changes import changed_by, changes_between
from deadwax.domain.choreography import DDEX_BATCH, Choreography
from deadwax.domain.choreography_versions import ChoreographyKind
from deadwax.domain.delivery_policy import DeliveryPolicy
from deadwax.domain.errors import InvalidValue, Problem, Refused
from deadwax.domain.identifiers import Dpid
from deadwax.domain.media.form import MediaForm
from deadwax.domain.message_style import MessageStyle, TakedownForm
from deadwax.domain.pause import Pause, refuse_past
from deadwax.domain.plain import to_plain
from deadwax.domain.reports import Reports
from deadwax.domain.texts import Name


class Mode(StrEnum):
    """A test target never carries a live message, nor the reverse."""

    LIVE = "live"
    TEST = "test"


class ErnVersion(StrEnum):
    V382 = "3.8.2"
    V383 = "3.8.3"
    V411 = "4.1.1"
    V42 = "4.2"
    V43 = "4.3"
    V432 = "4.3.2"


NAMING_COMPANIONS = frozenset({ErnVersion.V411, ErnVersion.V42, ErnVersion.V43, ErnVersion.V432})
"""The versions whose messages have a place (SupplementalDocumentList) for what travels beside."""


FLAGGING_TAKEDOWNS = frozenset({ErnVersion.V382, ErnVersion.V383})
"""The versions whose deals have the element TakeDown."""


class Confirmation(StrEnum):
    """How we get to know what became of a message. `handed_over`: a person says that what was
    laid ready was handed over."""

    DDEX_ACKNOWLEDGEMENT = "ddex_acknowledgement"
    HANDED_OVER = "handed_over"
    NONE = "none"


class CompanionKind(StrEnum):
    """A message that travels beside the ERN message, where the platform wants it."""

    MEAD = "mead"
    PIE = "pie"


@dataclass(frozen=True, kw_only=True)
class Party:
    """A message sender or recipient."""

    dpid: Dpid
    name: Name
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


def _kind(stored: dict[str, Any]) -> type:
    """Addresses of two protocols may have the same fields: the protocol beside tells."""
    return ADDRESSES[Protocol(stored["protocol"])]


@dataclass(frozen=True, kw_only=True)
class Route:
    """Another way to the same platform, taken where a failure calls for it."""

    protocol: Protocol
    address: AnyAddress
    __plain_kinds__: ClassVar[dict[str, Callable[[dict[str, Any]], type]]] = {"address": _kind}
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        for code, message, fix in _not_of(self.protocol, self.address):
            raise InvalidValue(code, message, fix)


@dataclass(frozen=True, kw_only=True)
class TargetSettings:
    """All that a delivery needs to know of a target. `fallback` is another way to the same
    platform; `policy` how, how fast and when deliveries are made; `reports` what the platform
    tells beside acknowledgements; `media` the form in which it wants files."""

    platform: Name
    mode: Mode
    protocol: Protocol
    address: AnyAddress
    sender: Party
    recipient: Party
    ern: ErnVersion
    confirmation: Confirmation
    choreography: Choreography = DDEX_BATCH
    companions: tuple[CompanionKind, ...] = ()
    style: MessageStyle = MessageStyle()
    policy: DeliveryPolicy = DeliveryPolicy()
    fallback: Route | None = None
    reports: Reports = Reports()
    media: MediaForm = MediaForm()
    __plain_kinds__: ClassVar[dict[str, Callable[[dict[str, Any]], type]]] = {"address": _kind}
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if self.companions and self.ern not in NAMING_COMPANIONS:
            raise InvalidValue(
                "companions_not_named",
                f"A message of ERN {self.ern} cannot name what travels beside it.",
                "Take a version of ERN 4, or no companions.",
            )
        for code, message, fix in _contradictions(self):
            raise InvalidValue(code, message, fix)


def _contradictions(settings: TargetSettings) -> Iterator[tuple[str, str, str]]:
    """Code, message and fix of what does not fit: protocol, address and choreography, style and
    version."""
    protocol, address = settings.protocol, settings.address
    if settings.style.takedown is TakedownForm.FLAG and settings.ern not in FLAGGING_TAKEDOWNS:
        yield (
            "takedown_form_unknown",
            f"A message of ERN {settings.ern} has no TakeDown flag.",
            "Give style.takedown no_deal or end_date.",
        )
    yield from _not_of(protocol, address)
    pulls = protocol is Protocol.WEB_SERVICE
    if pulls != (settings.choreography.kind is ChoreographyKind.WEB_SERVICE):
        yield (
            "choreography_not_of_protocol",
            f"The choreography {settings.choreography.kind} is not for {protocol}.",
            "Give choreography.kind web_service and version 1.7."
            if pulls
            else "Give another kind, or the protocol web_service.",
        )
    if settings.fallback and Protocol.WEB_SERVICE in (protocol, settings.fallback.protocol):
        yield (
            "fallback_pulls",
            "Either the platform pulls, or we deliver.",
            "Give a fallback that we deliver by, to a target that we deliver to.",
        )
    addresses = [address, *([settings.fallback.address] if settings.fallback else [])]
    by_http = [a for a in addresses if isinstance(a, PullAddress | HttpAddress)]
    if settings.mode is Mode.LIVE and not all(a.is_encrypted for a in by_http):
        yield (
            "https_required",
            "A live target is reached by HTTPS only.",
            "Give addresses that begin with https://, or open a test target.",
        )
    by_hand = [protocol, *([settings.fallback.protocol] if settings.fallback else [])]
    if (Protocol.MANUAL in by_hand) != (settings.confirmation is Confirmation.HANDED_OVER):
        yield (
            "confirmation_not_of_protocol",
            "What is laid ready is delivered when a person has handed it over; nothing else is.",
            "Give manual the confirmation handed_over, and other protocols another.",
        )
    by_ftp = [a for a in addresses if isinstance(a, FtpAddress)]
    if settings.mode is Mode.LIVE and not all(a.clear_text_agreed for a in by_ftp):
        yield (
            "clear_text_not_agreed",
            "By ftp the password and every file can be read, and changed, on the way.",
            "Give ftps or sftp; or clear_text_agreed, if that was decided.",
        )


def _not_of(protocol: Protocol, address: AnyAddress) -> Iterator[tuple[str, str, str]]:
    if type(address) is not ADDRESSES[protocol]:
        wanted = ", ".join(ADDRESSES[protocol].__dataclass_fields__)
        yield (
            "address_not_of_protocol",
            f"That is no address for {protocol}.",
            f"Give another protocol, or an address of {wanted}.",
        )


class DeliveryTarget(Root):
    """`settings.mode` is decided once: a test channel does not turn into a live one."""

    TOPIC = "target"

    if TYPE_CHECKING:
        document: dict[str, Any]
        paused: Pause | None

    @classmethod
    def open(cls, target_id: UUID, settings: TargetSettings) -> Self:
        return cls._create(TargetOpened, id=target_id, settings=to_plain(settings))

    def pause(self, reason: str, until: datetime | None, at: datetime) -> None:
        """Hold back its deliveries from now, `at`, until `until` or until it is resumed, its
        takedowns too. The same again stores nothing."""
        refuse_past(until, at)
        if self.paused != Pause(reason, until):
            self.trigger_event(TargetPaused, reason=reason, until=until and until.isoformat())

    def resume(self) -> None:
        if self.paused is not None:
            self.trigger_event(TargetResumed)

    @property
    def settings(self) -> TargetSettings:
        return self.remembered(TargetSettings, self.document)

    def amend(self, settings: TargetSettings) -> None:
        """Store the settings that differ; nothing if none do."""
        if settings.mode is not self.settings.mode:
            raise Refused(
                "The target was not changed",
                [
                    Problem(
                        "mode_is_fixed",
                        "mode",
                        f"A {self.settings.mode} target stays one.",
                        "Open another target.",
                    )
                ],
            )
        changes = changes_between(to_plain(self.settings), to_plain(settings))
        if changes:
            self.trigger_event(TargetAmended, changes=changes)


@dataclass(frozen=True)
class TargetOpened(Created):
    TOPIC = "target.opened"
    settings: dict[str, Any]

    def apply(self, aggregate: DeliveryTarget) -> None:
        aggregate.document = self.settings
        aggregate.paused = None


@dataclass(frozen=True)
class TargetAmended(Event):
    """`changes` maps each changed setting to {"from": old, "to": new}."""

    TOPIC = "target.amended"
    changes: dict[str, Any]

    def apply(self, aggregate: DeliveryTarget) -> None:
        aggregate.document = changed_by(aggregate.document, self.changes)


@dataclass(frozen=True)
class TargetPaused(Event):
    """`until` is an ISO time with offset, None: until it is resumed."""

    TOPIC = "target.paused"
    reason: str
    until: str | None

    def apply(self, aggregate: DeliveryTarget) -> None:
        until = datetime.fromisoformat(self.until) if self.until else None
        aggregate.paused = Pause(self.reason, until)


@dataclass(frozen=True)
class TargetResumed(Event):
    TOPIC = "target.resumed"

    def apply(self, aggregate: DeliveryTarget) -> None:
        aggregate.paused = None
