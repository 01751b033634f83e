"""JSON bodies: bounded while they come, then read strictly by the types of the domain."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, Generic, TypeVar, cast

import anyio
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.types import Message

from deadwax.api.errors import STALLED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, Problem

T = TypeVar("T")

_JSON = ("application/json", "application/merge-patch+json")


def bounded(request: Request, most_bytes: int, stall_seconds: float) -> Request:
    """The same request; reading more of its body than that, or waiting longer for the next
    part of it, raises Problem. Works for chunked bodies, and before any byte is read for
    those that state their length."""
    too_large = Problem(TOO_LARGE, f"At most {most_bytes} bytes are taken.")
    stated = request.headers.get("Content-Length", "")
    if stated.isdecimal() and int(stated) > most_bytes:
        raise too_large
    received = 0

    async def receive() -> Message:
        nonlocal received
        try:
            with anyio.fail_after(stall_seconds):
                message = await request.receive()
        except TimeoutError:
            raise Problem(STALLED, headers={"Connection": "close"}) from None
        received += len(message.get("body", b""))
        if received > most_bytes:
            raise too_large
        return message

    return Request(request.scope, receive)


class JsonBody(Generic[T]):
    """A dependency that reads the body as `kind`: no unknown fields and no guessing, so a
    number is no date and a string no number. An `optional` body may be absent, which is {}.

    `narrowed` picks a narrower kind by what the body says.

    FastAPI's own body parameters would guess. The OpenAPI document shows this one as `shown_as`.
    """

    def __init__(
        self,
        kind: type[T],
        *,
        optional: bool = False,
        shown_as: type | None = None,
        narrowed: Callable[[bytes], type[T]] | None = None,
    ) -> None:
        self.kind, self.optional, self.shown_as = kind, optional, shown_as or kind
        self._narrowed = narrowed or (lambda _: kind)

    async def __call__(self, request: Request) -> T:
        body = await request.body()
        if self.optional and not body:
            return checked(self.kind, b"{}")
        declared = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if declared not in _JSON:
            raise Problem(UNSUPPORTED_MEDIA_TYPE, f"Send Content-Type: {_JSON[0]}.")
        return checked(self._narrowed(body), body)


def checked(kind: type[T], json: bytes) -> T:
    """`json` as `kind`; RequestValidationError names every value that cannot be."""
    try:
        return cast(T, adapter(cast(Hashable, kind)).validate_json(json, strict=True))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise RequestValidationError(
            [{**wrong, "loc": ("body", *wrong["loc"])} for wrong in found]
        ) from None


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
