"""As whom requests are made: the headers that prove it, and tokens that run out."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import quote, urlencode
from uuid import uuid4

import jwt

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.http_auth import AuthScheme, ClientSecret, HttpAuth, Jwt, OAuth
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http.values import Answer
from deadwax.infrastructure.couriers.opening import Opening

_MARGIN_SECONDS = 60.0
_UNSTATED_SECONDS = 300.0

Post = Callable[[str, dict[str, str], bytes], Answer]
"""Sends a form to an address; raises DeliveryFailed for everything but success."""


class Login(Protocol):
    renewable: bool
    """Whether another try with `fresh` may help where the server refuses us."""

    def headers(self, post: Post, *, fresh: bool) -> dict[str, str]:
        """Those that go with the next request. A token that runs out soon is replaced before,
        since a request may take long; one that the server refused is with `fresh`."""
        ...

    def hidden(self) -> tuple[str, ...]:
        """What must not be shown, whoever says it."""
        ...


def login_of(auth: HttpAuth, opening: Opening) -> Login:
    """Raises DeliveryFailed(AUTH_INVALID) for a secret that is not stored."""
    stored = opening.secret(auth.secret).strip() if auth.secret else ""
    match auth.scheme:
        case AuthScheme.NONE:
            return _Fixed({}, ())
        case AuthScheme.BASIC:
            pair = base64.b64encode(f"{auth.username}:{stored}".encode()).decode()
            return _Fixed({"Authorization": f"Basic {pair}"}, (stored, pair))
        case AuthScheme.BEARER:
            return _Fixed({"Authorization": f"Bearer {stored}"}, (stored,))
        case AuthScheme.API_KEY:
            return _Fixed({str(auth.header): stored}, (stored,))
        case AuthScheme.JWT:
            assert auth.jwt is not None
            return _Signed(auth.jwt, stored)
        case AuthScheme.OAUTH2:
            assert auth.oauth is not None
            return _ClientCredentials(auth.oauth, stored, opening.fresh)


@dataclass(frozen=True)
class _Fixed:
    fixed: dict[str, str]
    secrets: tuple[str, ...]
    renewable = False

    def __post_init__(self) -> None:
        if not all(value.isprintable() and value.isascii() for value in self.fixed.values()):
            raise _unusable("it holds characters that no header may")

    def headers(self, post: Post, *, fresh: bool) -> dict[str, str]:
        return self.fixed

    def hidden(self) -> tuple[str, ...]:
        return self.secrets


class _Signed:
    """A new token for every request: signing is cheap, and each is used once."""

    renewable = False

    def __init__(self, terms: Jwt, key: str) -> None:
        self._terms, self._key, self._last = terms, key, ""

    def headers(self, post: Post, *, fresh: bool) -> dict[str, str]:
        now = datetime.now(UTC)
        ours = {
            "iat": now,
            "nbf": now - timedelta(seconds=5),
            "exp": now + timedelta(seconds=self._terms.seconds),
            "jti": str(uuid4()),
        }
        kid = {"kid": str(self._terms.key_id)} if self._terms.key_id else None
        try:
            token = jwt.encode(
                {**self._terms.claims, **ours}, self._key, self._terms.algorithm, kid
            )
        except (jwt.PyJWTError, ValueError, TypeError):
            raise _unusable(f"it is no key for {self._terms.algorithm}") from None
        self._last = token
        return {"Authorization": f"Bearer {token}"}

    def hidden(self) -> tuple[str, ...]:
        return (self._key, self._last)


@dataclass(frozen=True)
class _Token:
    text: str
    until: float


class _Tokens:
    """What was issued to this process, until shortly before it runs out."""

    def __init__(self) -> None:
        self._lock, self._found = threading.Lock(), dict[tuple[str, ...], _Token]()

    def get(self, key: tuple[str, ...]) -> str | None:
        with self._lock:
            token = self._found.get(key)
            return token.text if token and time.monotonic() < token.until else None

    def keep(self, key: tuple[str, ...], text: str, seconds: float) -> None:
        margin = min(_MARGIN_SECONDS, seconds / 2)
        with self._lock:
            self._found[key] = _Token(text, time.monotonic() + seconds - margin)

    def drop(self, key: tuple[str, ...], text: str | None) -> None:
        """Only that one: another connection may have replaced it already."""
        with self._lock:
            if key in self._found and self._found[key].text == text:
                del self._found[key]


_TOKENS = _Tokens()


class _ClientCredentials:
    renewable = True

    def __init__(self, terms: OAuth, secret: str, fresh: bool) -> None:
        self._terms, self._secret = terms, secret
        digest = hashlib.sha256(secret.encode()).hexdigest()
        scope = (str(terms.scope or ""), str(terms.audience or ""))
        self._key = (str(terms.token_url), str(terms.client_id), *scope, digest)
        self._last = _TOKENS.get(self._key) if fresh else None
        _TOKENS.drop(self._key, self._last)

    def headers(self, post: Post, *, fresh: bool) -> dict[str, str]:
        if fresh:
            _TOKENS.drop(self._key, self._last)
        token = _TOKENS.get(self._key) or self._ask(post)
        self._last = token
        return {"Authorization": f"Bearer {token}"}

    def hidden(self) -> tuple[str, ...]:
        return (self._secret, self._last) if self._last else (self._secret,)

    def _ask(self, post: Post) -> str:
        terms, headers = self._terms, {"Accept": "application/json"}
        form = {"grant_type": "client_credentials"}
        if terms.scope:
            form["scope"] = terms.scope
        if terms.audience:
            form["audience"] = terms.audience
        if terms.secret_in is ClientSecret.BODY:
            form |= {"client_id": terms.client_id, "client_secret": self._secret}
        else:  # both parts are form-encoded before (RFC 6749, 2.3.1)
            pair = f"{quote(terms.client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        answer = post(str(terms.token_url), headers, urlencode(form).encode())
        said = answer.json if isinstance(answer.json, dict) else {}
        token, seconds = said.get("access_token"), said.get("expires_in", _UNSTATED_SECONDS)
        if not isinstance(token, str) or not token.isprintable() or not token.isascii():
            raise DeliveryFailed(
                FailureCategory.API_UNAVAILABLE, "The token endpoint gave no token."
            )
        usable = isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0
        _TOKENS.keep(self._key, token, float(seconds) if usable else _UNSTATED_SECONDS)
        return token


def _unusable(why: str) -> DeliveryFailed:
    return DeliveryFailed(FailureCategory.AUTH_INVALID, f"The stored secret cannot be used: {why}.")
