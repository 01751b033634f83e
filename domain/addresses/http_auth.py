"""As whom we talk to an interface that is reached by HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.addresses.parts import BaseUrl, SecretName
from deadwax.domain.errors import InvalidValue
from deadwax.domain.texts import Name
from deadwax.domain.values import Text

LONGEST_JWT_SECONDS = 3600


class HeaderName(Text):
    code, pattern, example = "header_name_invalid", r"[A-Za-z0-9-]{1,100}", "X-Api-Key"
    fix = "Give the name of an HTTP header."


class AuthScheme(StrEnum):
    """`none` has to be said. `basic`: RFC 7617. `bearer`: a token that a person was given.
    `api_key`: the secret as it is in a header. `jwt`: a short-lived token that we sign (RFC 7519).
    `oauth2`: client credentials (RFC 6749, 4.4)."""

    NONE = "none"
    BASIC = "basic"
    BEARER = "bearer"
    API_KEY = "api_key"
    JWT = "jwt"
    OAUTH2 = "oauth2"


class JwtAlgorithm(StrEnum):
    HS256 = "HS256"
    RS256 = "RS256"
    ES256 = "ES256"


@dataclass(frozen=True, kw_only=True)
class Jwt:
    """`claims` as the platform wants them (`iss`, `sub`, `aud`, ...); iat, nbf, exp and jti are
    ours. The secret is the shared key (HS256) or the PEM of a private key."""

    algorithm: JwtAlgorithm
    claims: dict[str, str | int] = field(default_factory=dict)
    seconds: int = 300
    key_id: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if not 10 <= self.seconds <= LONGEST_JWT_SECONDS:
            raise InvalidValue(
                "jwt_seconds_invalid",
                f"A token that stands {self.seconds} seconds is refused.",
                f"Give 10 to {LONGEST_JWT_SECONDS}.",
            )
        if ours := {"iat", "nbf", "exp", "jti"} & self.claims.keys():
            raise InvalidValue(
                "jwt_claim_reserved",
                f"We set {', '.join(sorted(ours))} ourselves.",
                "Leave them out of claims; `seconds` says how long a token stands.",
            )


class ClientSecret(StrEnum):
    """How the token endpoint takes client id and secret."""

    BASIC = "basic"
    BODY = "body"


@dataclass(frozen=True, kw_only=True)
class OAuth:
    """The token endpoint, and what is asked of it."""

    token_url: BaseUrl
    client_id: Name
    scope: Name | None = None
    audience: Name | None = None
    secret_in: ClientSecret = ClientSecret.BASIC
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


_NEEDS: dict[AuthScheme, frozenset[str]] = {
    AuthScheme.NONE: frozenset(),
    AuthScheme.BASIC: frozenset({"secret", "username"}),
    AuthScheme.BEARER: frozenset({"secret"}),
    AuthScheme.API_KEY: frozenset({"secret", "header"}),
    AuthScheme.JWT: frozenset({"secret", "jwt"}),
    AuthScheme.OAUTH2: frozenset({"secret", "oauth"}),
}
_FIELDS = frozenset().union(*_NEEDS.values())


@dataclass(frozen=True, kw_only=True)
class HttpAuth:
    """One scheme, with exactly the fields that belong to it. `certificate` names a stored secret
    with the PEM of a client certificate and its key; it goes with every scheme."""

    scheme: AuthScheme
    secret: SecretName | None = None
    username: Name | None = None
    header: HeaderName | None = None
    jwt: Jwt | None = None
    oauth: OAuth | None = None
    certificate: SecretName | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        needed = _NEEDS[self.scheme]
        given = {name for name in _FIELDS if getattr(self, name) is not None}
        if given != needed:
            listed = ", ".join(sorted(needed)) or "none of them"
            raise InvalidValue(
                "auth_fields_wrong",
                f"The scheme {self.scheme} does not go with {', '.join(sorted(given)) or 'that'}.",
                f"Of {', '.join(sorted(_FIELDS))} give {listed}.",
            )
