"""Idempotency-Key: a request that is sent again is answered again, and not run again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg
import structlog
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from deadwax.api.errors import ANSWER_LOST, Problem, answer, invalid, problem_of
from deadwax.domain.cause import current_cause
from deadwax.infrastructure.idempotency import Answer, Effect, PostgresIdempotency

KEY, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_NAMESPACE = uuid5(NAMESPACE_URL, "https://deadwax.dev/requests")
_KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Deadwax-Position")
_SHOWN_ONCE = "key"
"""The field of an answer that holds an API key."""

_WHERE = {
    "tenant": "/api/v1/tenant",
    "release": "/api/v1/releases/{}",
    "target": "/api/v1/targets/{}",
    "code_book": "/api/v1/tenant/code-ranges",
    "code_page": "/api/v1/tenant/code-ranges",
    "distribution": "/api/v1/distributions/{}",
}

_log = structlog.get_logger()


def key_of(request: Request) -> str | None:
    """The Idempotency-Key, if the request has one."""
    key = request.headers.get(KEY)
    if key is not None and not _KEY.fullmatch(key):
        raise invalid(
            KEY,
            "idempotency_key_invalid",
            "The key is not 1 to 255 visible ASCII characters.",
            "Give a new UUID.",
        )
    return key


def request_id(tenant_id: UUID, key: str) -> UUID:
    """The same for every repetition, so that the log tells what the request caused."""
    return uuid5(_NAMESPACE, f"{tenant_id}:{key}")


async def once(
    key: str, request: Request, handle: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Run the request of the current cause, or answer as it was answered before.

    A success is kept. A refusal is not: nothing was stored, and the cause may be gone when
    it comes again. When nobody knows how it ended (a killed process, a lost database), the
    log tells: what took effect is not run again.
    """
    answers: PostgresIdempotency = request.app.state.idempotency
    cause = current_cause()
    tenant_id, body = cause.tenant_id, await request.body()
    known = await run_in_threadpool(
        answers.begin, tenant_id, key, _fingerprint(request, body), str(cause.causation_id)
    )
    if isinstance(known, Answer):
        return Response(known.body, known.status, {**known.headers, REPLAYED: "true"})
    if isinstance(known, Effect):
        response = _recovered(known)
        await run_in_threadpool(_keep, answers, tenant_id, key, response)
        return response
    try:
        response = await handle(request)
    except Exception as error:
        settle = answers.forget if _stored_nothing(error) else answers.leave_open
        await run_in_threadpool(_try, settle, tenant_id, key)
        raise
    await run_in_threadpool(_keep, answers, tenant_id, key, response)
    return response


def _fingerprint(request: Request, body: bytes) -> str:
    head = f"{request.method} {request.url.path}?{request.url.query}\n"
    return hashlib.sha256(head.encode() + body).hexdigest()


def _stored_nothing(error: Exception) -> bool:
    problem = problem_of(error)
    return problem is not None and problem.kind.status < 500


def _recovered(effect: Effect) -> Response:
    """Where to see what the request did. An API key that it made is lost with its answer."""
    kinds = {kind for kind, _ in effect.streams}
    kind, id = effect.streams[0]
    if kinds <= _WHERE.keys():
        where = {"Location": _WHERE[kind].format(id), "Deadwax-Position": str(effect.position)}
        return JSONResponse({"id": str(id), "position": effect.position}, 303, where)
    return answer(
        Problem(
            ANSWER_LOST,
            f"It took effect at position {effect.position}. The key that it made was not seen by"
            " anybody: revoke it.",
            position=effect.position,
            changed=[{"type": kind, "id": str(id)} for kind, id in effect.streams],
        )
    )


def _keep(answers: PostgresIdempotency, tenant_id: UUID, key: str, response: Response) -> None:
    body = bytes(response.body)
    said = json.loads(body)
    if _SHOWN_ONCE in said:
        body = json.dumps({**said, _SHOWN_ONCE: None}).encode()
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    kept = Answer(response.status_code, headers, body)
    _try(lambda tenant_id, key: answers.finish(tenant_id, key, kept), tenant_id, key)


def _try(settle: Callable[[UUID, str], None], tenant_id: UUID, key: str) -> None:
    """What is not written down now is found out from the log, when the lock has run out."""
    try:
        settle(tenant_id, key)
    except psycopg.OperationalError as error:
        _log.warning("idempotency_unsettled", why=type(error).__name__)
