"""Every answer that is no success, as problem details (RFC 9457): one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from deadwax.api.correlation import correlation_id
from deadwax.api.invalid import NOT_JSON, UNKNOWN_FIELD, problems_of
from deadwax.application.errors import (
    Conflict,
    DeliveryFailed,
    NotFound,
    NotYet,
    StoreUnavailable,
    VersionMismatch,
)
from deadwax.application.log import LogUnavailable
from deadwax.application.uploads import (
    NoRoom,
    TooLong,
    UploadBusy,
    UploadEnded,
    UploadIsFinal,
    WrongChecksum,
    WrongOffset,
)
from deadwax.domain.errors import IllegalTransition, InvalidValue, Refused
from deadwax.domain.errors import Problem as Wrong
from deadwax.infrastructure.idempotency import InProgress, KeyReused

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """One kind of problem. `code` is stable; `detail` is said where nothing better is known;
    `retry_after` in seconds, where trying again helps."""

    code: str
    status: int
    title: str
    detail: str = ""
    retry_after: int | None = None


UPLOAD_INVALID = Kind("upload_invalid", 400, "The request is not as tus 1.0 wants it")
MALFORMED_JSON = Kind("malformed_json", 400, "The body is not JSON")
UNAUTHENTICATED = Kind(
    "unauthenticated",
    401,
    "No valid API key",
    "Send Authorization: Bearer and a key that was not revoked.",
)
FORBIDDEN = Kind("forbidden", 403, "The key's role does not permit this")
UPLOAD_IS_FINAL = Kind("upload_is_final", 403, "Nothing is written to a final upload")
LINK_INVALID = Kind("link_invalid", 403, "That is no link of ours", "Take the link as it was sent.")
UNKNOWN_ROUTE = Kind("unknown_route", 404, "There is no such address")
NOT_FOUND = Kind("not_found", 404, "There is no such thing")
METHOD_NOT_ALLOWED = Kind("method_not_allowed", 405, "The address does not have this method")
STALLED = Kind(
    "request_stalled", 408, "The body stopped coming", "Send the request again, without a pause."
)
ILLEGAL_TRANSITION = Kind("illegal_transition", 409, "It cannot become that now")
NOT_YET = Kind("not_yet", 409, "It cannot be done now", retry_after=5)
CONFLICT = Kind("conflict", 409, "Somebody else changed it at the same time", retry_after=1)
IN_PROGRESS = Kind(
    "idempotency_in_progress", 409, "The same request is being worked on", retry_after=1
)
WRONG_OFFSET = Kind("upload_offset_differs", 409, "The upload ends elsewhere")
NOT_IN_A_BUCKET = Kind(
    "store_is_no_bucket",
    409,
    "Assets are in a folder here",
    "Uploads straight to the store need a bucket. Upload by tus, at /api/v1/tus.",
)
ANSWER_LOST = Kind("idempotency_answer_lost", 409, "It took effect, and its answer is lost")
LINK_EXPIRED = Kind(
    "link_expired", 410, "The link has expired", "Ask who gave it to you for another."
)
UPLOAD_ENDED = Kind("upload_ended", 410, "The upload was refused and is gone")
TUS_VERSION = Kind("tus_version", 412, "Only tus 1.0.0 is spoken", "Send Tus-Resumable: 1.0.0.")
VERSION_MISMATCH = Kind("version_mismatch", 412, "It has another version by now")
TOO_LARGE = Kind("too_large", 413, "The body is too large")
TOO_LONG = Kind("upload_too_long", 413, "More bytes than the upload may have")
UNSUPPORTED_MEDIA_TYPE = Kind("unsupported_media_type", 415, "The body has the wrong type")
RANGE_NOT_SATISFIABLE = Kind("range_not_satisfiable", 416, "The file has no such bytes")
INVALID_REQUEST = Kind("invalid_request", 422, "The request has values that cannot be")
UNKNOWN_FIELDS = Kind("unknown_field", 422, "The request has fields that do not exist")
HAS_PROBLEMS = Kind("has_problems", 422, "The command was refused")
KEY_REUSED = Kind("idempotency_key_reused", 422, "The key belongs to another request")
UPLOAD_BUSY = Kind("upload_busy", 423, "Another request goes on with the upload", retry_after=1)
WRONG_CHECKSUM = Kind("upload_checksum_differs", 460, "The bytes are not those of the checksum")
INTERNAL = Kind(
    "internal",
    500,
    "Something broke on our side",
    "It was logged under the correlation id. Whether a command took effect can be read.",
)
DELIVERY_FAILED = Kind("delivery_failed", 502, "The delivery target did not do its part")
LOG_UNAVAILABLE = Kind(
    "log_unavailable",
    503,
    "The event log cannot be reached",
    "The command may have taken effect: read before sending it again, or send it again with "
    "the same Idempotency-Key.",
    retry_after=5,
)
DATABASE_UNAVAILABLE = Kind(
    "database_unavailable",
    503,
    "The database cannot be reached",
    "Nothing was done. Send the request again later.",
    retry_after=5,
)
STORE_UNAVAILABLE = Kind(
    "store_unavailable", 503, "The asset store cannot be reached", retry_after=10
)
NOT_CAUGHT_UP = Kind(
    "not_caught_up", 503, "The read side has not seen that position yet", retry_after=1
)
NOT_READY = Kind(
    "not_ready",
    503,
    "Not ready",
    "The database lacks tables: run `deadwax migrate`, and start the projector.",
    retry_after=5,
)
NO_ROOM = Kind("no_room", 507, "There is no room for it now", retry_after=600)

KINDS: tuple[Kind, ...] = tuple(k for k in list(vars().values()) if isinstance(k, Kind))

BY_EXCEPTION: Mapping[type[Exception], Kind] = {
    NotFound: NOT_FOUND,
    Conflict: CONFLICT,
    NotYet: NOT_YET,
    VersionMismatch: VERSION_MISMATCH,
    DeliveryFailed: DELIVERY_FAILED,
    LogUnavailable: LOG_UNAVAILABLE,
    StoreUnavailable: STORE_UNAVAILABLE,
    UploadBusy: UPLOAD_BUSY,
    UploadEnded: UPLOAD_ENDED,
    UploadIsFinal: UPLOAD_IS_FINAL,
    WrongOffset: WRONG_OFFSET,
    WrongChecksum: WRONG_CHECKSUM,
    TooLong: TOO_LONG,
    NoRoom: NO_ROOM,
    Refused: HAS_PROBLEMS,
    IllegalTransition: ILLEGAL_TRANSITION,
    InvalidValue: INVALID_REQUEST,
    KeyReused: KEY_REUSED,
    InProgress: IN_PROGRESS,
    psycopg.OperationalError: DATABASE_UNAVAILABLE,
    psycopg.errors.UndefinedTable: NOT_READY,
}
_OURS = (psycopg.Error, LogUnavailable, StoreUnavailable)
"""Their text is for us, not for users."""

_BY_STATUS = {404: UNKNOWN_ROUTE, 405: METHOD_NOT_ALLOWED, 400: MALFORMED_JSON}


class Problem(Exception):
    """Raised by the API itself. `more` are further members of the answer."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        *,
        errors: Iterable[Wrong] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(f"{kind.code}: {detail or kind.detail}")
        self.kind, self.detail, self.more = kind, detail or kind.detail or kind.title, more
        self.errors, self.headers = tuple(errors), dict(headers or {})


def invalid(field: str, code: str, message: str, fix: str) -> Problem:
    """One value that cannot be: of a header, a query or a path."""
    return Problem(INVALID_REQUEST, message, errors=[Wrong(code, field, message, fix)])


def answer(problem: Problem) -> JSONResponse:
    kind, headers = problem.kind, problem.headers
    if kind.retry_after:
        headers = {"Retry-After": str(kind.retry_after), **headers}
    return JSONResponse(
        {
            "type": f"urn:deadwax:problem:{kind.code}",
            "title": kind.title,
            "status": kind.status,
            "code": kind.code,
            "detail": problem.detail,
            "errors": [asdict(wrong) for wrong in problem.errors],
            "correlation_id": correlation_id(),
            **problem.more,
        },
        status_code=kind.status,
        headers=headers,
        media_type=MEDIA_TYPE,
    )


def problem_of(error: Exception) -> Problem | None:
    """What is said of an exception of the table; None for the others: faults of ours."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _invalid(problems_of(error.errors()))
        case HTTPException():
            kind = _BY_STATUS.get(error.status_code, INTERNAL)
            return Problem(kind, headers=error.headers)
        case InvalidValue():
            wrong = Wrong(error.code, "", str(error), error.fix)
            return Problem(INVALID_REQUEST, str(error), errors=[wrong])
    found = (BY_EXCEPTION[t] for t in type(error).__mro__ if t in BY_EXCEPTION)
    return next((_told(kind, error) for kind in found), None)


def _told(kind: Kind, error: Exception) -> Problem:
    problem = Problem(kind, "" if isinstance(error, _OURS) else str(error))
    if isinstance(error, Refused):
        problem.errors = error.problems
    elif isinstance(error, IllegalTransition):
        problem.more = {"now": error.now, "allowed": list(error.allowed)}
    elif isinstance(error, DeliveryFailed):
        problem.more = {"category": error.category.value}
    return problem


def _invalid(found: list[Wrong]) -> Problem:
    codes = {wrong.code for wrong in found}
    said = "; ".join(str(wrong) for wrong in found[:3])
    if NOT_JSON in codes:
        return Problem(MALFORMED_JSON, said)
    kind = UNKNOWN_FIELDS if codes == {UNKNOWN_FIELD} else INVALID_REQUEST
    return Problem(kind, said, errors=found)


def install(app: FastAPI) -> None:
    """Answer every exception of the table; the others are answered where requests are logged."""

    async def handle(request: Request, error: Exception) -> JSONResponse:
        return answer(problem_of(error) or Problem(INTERNAL))

    for kind in (*BY_EXCEPTION, Problem, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, handle)
