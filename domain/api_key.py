"""An API key: who may do what, known by its hash only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID, uuid4

from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.errors import Problem, Refused

_PREFIX = "dwx"


class Role(StrEnum):
    """What the bearer may do. `operator` runs the system and belongs to no tenant; `platform` is
    a DSP that pulls from one target, and can do nothing else."""

    OPERATOR = "operator"
    ADMIN = "admin"
    MANAGER = "manager"
    VIEWER = "viewer"
    COMPLIANCE = "compliance"
    ANALYST = "analyst"
    PLATFORM = "platform"


class ApiKey(Root):
    """`dwx_<key id>_<256 random bits>`; the secret part is stored as SHA-256."""

    TOPIC = "api_key"

    if TYPE_CHECKING:
        role: Role
        name: str
        target_id: UUID | None
        secret_sha256: str
        revoked: bool

    @classmethod
    def issue(cls, *, role: Role, name: str, target_id: UUID | None = None) -> tuple[Self, str]:
        """The key for the tenant of the current cause, and its text, shown this once.

        A platform's key is for one target, and no other key is: Refused.
        """
        if (role is Role.PLATFORM) != (target_id is not None):
            raise Refused("The key was not issued", [_TARGET_UNCLEAR])
        key_id, secret = uuid4(), secrets.token_urlsafe(32)
        key = cls._create(
            ApiKeyIssued,
            id=key_id,
            role=role.value,
            name=str(name),
            target_id=target_id and str(target_id),
            secret_sha256=_digest(secret),
        )
        return key, f"{_PREFIX}_{key_id.hex}_{secret}"

    @staticmethod
    def split(text: str) -> tuple[UUID, str] | None:
        """Key id and secret of a bearer token; None if it does not have our form."""
        prefix, _, rest = text.partition("_")
        key_hex, _, secret = rest.partition("_")
        try:
            return (UUID(hex=key_hex), secret) if prefix == _PREFIX and secret else None
        except ValueError:
            return None

    def admits(self, secret: str) -> bool:
        """Whether this is the secret of a key that was not revoked; in constant time."""
        return hmac.compare_digest(self.secret_sha256, _digest(secret)) and not self.revoked

    def revoke(self) -> None:
        if not self.revoked:
            self.trigger_event(ApiKeyRevoked)


_TARGET_UNCLEAR = Problem(
    "key_target_unclear",
    "target_id",
    "A key with the role platform is for one target, and no other key is.",
    "Give target_id with the role platform, and with no other.",
)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class ApiKeyIssued(Created):
    TOPIC = "api_key.issued"
    class_version: ClassVar[int] = 2
    role: str
    name: str
    target_id: str | None
    secret_sha256: str

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["target_id"] = None

    def apply(self, aggregate: ApiKey) -> None:
        aggregate.role = Role(self.role)
        aggregate.name = self.name
        aggregate.target_id = UUID(self.target_id) if self.target_id else None
        aggregate.secret_sha256 = self.secret_sha256
        aggregate.revoked = False


@dataclass(frozen=True)
class ApiKeyRevoked(Event):
    TOPIC = "api_key.revoked"

    def apply(self, aggregate: ApiKey) -> None:
        aggregate.revoked = True
