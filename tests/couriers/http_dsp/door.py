"""Who may come in, by the scheme that the address's first part names; and where tokens are."""

from __future__ import annotations

import base64
import secrets
import time
from urllib.parse import parse_qs, unquote

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

USER, PASSWORD = "label", "pass wörd:1"
TOKEN = "token-of-a-person"
CLIENT, CLIENT_SECRET = "client 1", "s%cret+/:="
AUDIENCE = "http-dsp"

_issued: dict[str, float] = {}
asked: list[str] = []
"""Who got tokens, in order."""


class Door:
    """`keys` are what JWTs are verified with, by algorithm."""

    def __init__(self, keys: dict[str, str]) -> None:
        self._keys = keys

    def lets_in(self, scheme: str, request: Request) -> bool:
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        match scheme:
            case "none":
                return not kind and "x-api-key" not in request.headers
            case "basic":
                return kind == "Basic" and base64.b64decode(text) == f"{USER}:{PASSWORD}".encode()
            case "bearer":
                return kind == "Bearer" and text == TOKEN
            case "api_key":
                return request.headers.get("x-api-key") == TOKEN
            case "oauth2":
                return kind == "Bearer" and _issued.get(text, 0) > time.monotonic()
            case _:
                return kind == "Bearer" and self._signed(scheme, text)

    def _signed(self, algorithm: str, token: str) -> bool:
        required = ["exp", "iat", "jti", "iss", "aud"]
        try:
            claims = jwt.decode(
                token,
                self._keys[algorithm],
                [algorithm],
                audience=AUDIENCE,
                options={"require": required},
            )
        except jwt.PyJWTError:
            return False
        header = jwt.get_unverified_header(token)
        return claims["exp"] - claims["iat"] <= 600 and header.get("kid") == "key-1"


async def token(request: Request) -> Response:
    """RFC 6749, 4.4, with the secret in either place."""
    form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    client, secret = form.get("client_id"), form.get("client_secret")
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind == "Basic":
        pair = base64.b64decode(text).decode().partition(":")
        client, secret = unquote(pair[0]), unquote(pair[2])
    if (client, secret) != (CLIENT, CLIENT_SECRET):
        return JSONResponse({"error": "invalid_client"}, 401)
    if form.get("grant_type") != "client_credentials":
        return JSONResponse({"error": "unsupported_grant_type"}, 400)
    issued, seconds = secrets.token_urlsafe(24), int(form.get("scope") or 3600)
    _issued[issued] = time.monotonic() + seconds
    asked.append(client)
    return JSONResponse({"access_token": issued, "token_type": "Bearer", "expires_in": seconds})


async def revoke(request: Request) -> Response:
    """All that was issued: as if the clock had moved on."""
    _issued.clear()
    return Response(status_code=204)


async def count(request: Request) -> Response:
    return JSONResponse(len(asked))
