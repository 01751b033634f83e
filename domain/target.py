"""A delivery target: a tenant's channel to one platform."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urlsplit
from uuid import UUID

from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.changes import changed_by, changes_between
from deadwax.domain.choreography import DDEX_BATCH, Choreography
from deadwax.domain.choreography_versions import ChoreographyKind
from deadwax.domain.errors import InvalidValue, Problem, Refused
from deadwax.domain.identifiers import Dpid
from deadwax.domain.message_style import MessageStyle, TakedownForm
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.texts import Name
from deadwax.domain.values import Text


class Mode(StrEnum):
    """A test target never carries a live message, nor the reverse."""

    LIVE = "live"
    TEST = "test"


class Protocol(StrEnum):
    """`sftp`: we deliver. `web_service`: the platform pulls from us, as DDEX lays down."""

    SFTP = "sftp"
    WEB_SERVICE = "web_service"


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
    """How the platform tells what became of a message."""

    DDEX_ACKNOWLEDGEMENT = "ddex_acknowledgement"
    NONE = "none"


class CompanionKind(StrEnum):
    """A message that travels beside the ERN message, where the platform wants it."""

    MEAD = "mead"
    PIE = "pie"


class HostKey(Text):
    code, pattern = "host_key_invalid", r"SHA256:[A-Za-z0-9+/]{43}"
    example = "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGe1qQvBaaq0NRc0v4E"
    fix = "Give the SHA-256 fingerprint as ssh-keygen -lf prints it."


class SecretName(Text):
    code, pattern, example = "secret_name_invalid", r"[a-z0-9][a-z0-9_-]{0,62}", "spotify-sftp"
    fix = "Give the name of a stored secret: lower-case letters, digits, - and _."


class Host(Text):
    code, pattern, example = "host_invalid", r"[A-Za-z0-9.:_-]{1,253}", "sftp.example.com"
    fix = "Give a host name or address, without a scheme."


class BaseUrl(Text):
    code, example = "base_url_invalid", "https://ddex.example.com/api/v1/ddex"
    pattern = r"https?://[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+){0,20}"
    fix = "Give an address that begins with https:// and does not end with a slash."


_LOGIN_FOLDER = Name(".")


@dataclass(frozen=True, kw_only=True)
class SftpAddress:
    """Where and as whom. `root` is relative to the login folder unless it starts with `/`.

    `secret` names a stored password or private key. Without a pinned `host_key` nothing is
    sent: the connection test shows the key that the server presents.
    """

    host: Host
    username: Name
    secret: SecretName
    port: int = 22
    root: Name = _LOGIN_FOLDER
    host_key: HostKey | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise InvalidValue("port_invalid", "Ports are 1 to 65535.", "Give the SFTP port.")

    @property
    def evidence(self) -> dict[str, str]:
        """Where something was sent to, and what proved that it was there."""
        return {"endpoint": f"sftp://{self.host}:{self.port}", "host_key": str(self.host_key)}


@dataclass(frozen=True, kw_only=True)
class PullAddress:
    """`base_url` is where the platform reaches our web service, as agreed with it: its feed is at
    `{base_url}/feed`. Links and evidence name it. The platform's key is no part of it."""

    base_url: BaseUrl
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"{self.base_url}/feed"}

    @property
    def host(self) -> str:
        return str(urlsplit(self.base_url).hostname)


_ADDRESSES: dict[Protocol, type[SftpAddress] | type[PullAddress]] = {
    Protocol.SFTP: SftpAddress,
    Protocol.WEB_SERVICE: PullAddress,
}


@dataclass(frozen=True, kw_only=True)
class Party:
    """A message sender or recipient."""

    dpid: Dpid
    name: Name
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class TargetSettings:
    """All that a delivery needs to know of a target."""

    platform: Name
    mode: Mode
    protocol: Protocol
    address: SftpAddress | PullAddress
    sender: Party
    recipient: Party
    ern: ErnVersion
    confirmation: Confirmation
    choreography: Choreography = DDEX_BATCH
    companions: tuple[CompanionKind, ...] = ()
    style: MessageStyle = MessageStyle()
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
    if not isinstance(address, _ADDRESSES[protocol]):
        wanted = ", ".join(_ADDRESSES[protocol].__dataclass_fields__)
        yield (
            "address_not_of_protocol",
            f"That is no address for {protocol}.",
            f"Give another protocol, or an address of {wanted}.",
        )
    pulls = protocol is Protocol.WEB_SERVICE
    if pulls != (settings.choreography.kind is ChoreographyKind.WEB_SERVICE):
        yield (
            "choreography_not_of_protocol",
            f"The choreography {settings.choreography.kind} is not for {protocol}.",
            "Give choreography.kind web_service and version 1.7."
            if pulls
            else "Give another kind, or the protocol web_service.",
        )
    is_open = isinstance(address, PullAddress) and not address.base_url.startswith("https://")
    if is_open and settings.mode is Mode.LIVE:
        yield (
            "https_required",
            "DDEX's web service is reached by HTTPS only.",
            "Give a base_url that begins with https://, or open a test target.",
        )


class DeliveryTarget(Root):
    """`settings.mode` is decided once: a test channel does not turn into a live one."""

    TOPIC = "target"

    if TYPE_CHECKING:
        document: dict[str, Any]

    @classmethod
    def open(cls, target_id: UUID, settings: TargetSettings) -> Self:
        return cls._create(TargetOpened, id=target_id, settings=to_plain(settings))

    @property
    def settings(self) -> TargetSettings:
        return from_plain(TargetSettings, self.document)

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


@dataclass(frozen=True)
class TargetAmended(Event):
    """`changes` maps each changed setting to {"from": old, "to": new}."""

    TOPIC = "target.amended"
    changes: dict[str, Any]

    def apply(self, aggregate: DeliveryTarget) -> None:
        aggregate.document = changed_by(aggregate.document, self.changes)
