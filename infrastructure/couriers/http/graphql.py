"""Delivers to GraphQL interfaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.http import GraphqlAddress, GraphqlStyle
from deadwax.domain.addresses.http_calls import FILE, Finding, GraphqlCall
from deadwax.domain.failures import FailureCategory as Category
from deadwax.infrastructure.couriers.http.bodies import Body, FilePiece, form
from deadwax.infrastructure.couriers.http.client import HttpClient
from deadwax.infrastructure.couriers.http.courier import HttpCourier
from deadwax.infrastructure.couriers.http.dialect import Found
from deadwax.infrastructure.couriers.http.meanings import Complaint, Meanings
from deadwax.infrastructure.couriers.http.reading import Reading
from deadwax.infrastructure.couriers.http.values import (
    Answer,
    Values,
    from_base64,
    in_header,
    in_tree,
)
from deadwax.infrastructure.couriers.opening import Opening

_ACCEPT = {"Accept": "application/graphql-response+json, application/json;q=0.9"}

_CODES: Mapping[str, Category] = {
    "UNAUTHENTICATED": Category.AUTH_INVALID,
    "FORBIDDEN": Category.PERMISSION_DENIED,
    "NOT_FOUND": Category.NOT_FOUND,
    "BAD_USER_INPUT": Category.METADATA_INVALID,
    "BAD_REQUEST": Category.METADATA_INVALID,
    "GRAPHQL_PARSE_FAILED": Category.METADATA_INVALID,
    "GRAPHQL_VALIDATION_FAILED": Category.METADATA_INVALID,
    "PERSISTED_QUERY_NOT_SUPPORTED": Category.METADATA_INVALID,
    "INTERNAL_SERVER_ERROR": Category.API_UNAVAILABLE,
}
"""What servers commonly put in `extensions.code` (those of Apollo Server)."""


def open_courier(address: GraphqlAddress, opening: Opening) -> HttpCourier:
    """Raises DeliveryFailed(AUTH_INVALID) for secrets and certificates that cannot be used.
    Nothing is sent before the first call."""
    client = HttpClient(address, opening, Meanings(address.meanings, _CODES), _errors, ("data",))
    return HttpCourier(client, _Graphql(client, address), address, opening)


class _Graphql:
    resumes = False

    def __init__(self, client: HttpClient, address: GraphqlAddress) -> None:
        self._client, self._upload = client, address.upload

    def call(self, call: GraphqlCall, values: Values, what: str) -> Answer:
        operation = {"query": call.document, "variables": in_tree(call.variables, values)}
        return self._post(Body("application/json", (orjson.dumps(operation),)), what)

    def content(self, call: GraphqlCall, values: Values, what: str, limit: int) -> bytes:
        answer = self.call(call, values, what)
        data = from_base64(answer.find(call.finds.get(Finding.CONTENT)))
        if data is None:
            raise DeliveryFailed(Category.NOT_FOUND, f"{what}: the answer holds no file.")
        if len(data) > limit:
            raise DeliveryFailed(Category.INTEGRITY, f"{what}: it has more than {limit} bytes.")
        return data

    def send(
        self, reading: Reading, values: Values, found: Found, keep: Callable[[Found], None]
    ) -> Found:
        upload, what = self._upload, f"uploading {reading.file.path}"
        if upload.style is GraphqlStyle.MULTIPART:
            answer = self._post(self._with_file(reading, values), what)
            return answer.findings(upload.send.finds, Finding.UPLOAD, Finding.URL)
        if upload.style is GraphqlStyle.LINK:
            reading.prove()
        answer = self.call(upload.send, values, what)
        found = answer.findings(upload.send.finds, Finding.UPLOAD, Finding.URL)
        if upload.style is GraphqlStyle.PUT:
            keep(found)
            self._put(reading, {**values, **found}, found, what)
        return found

    def withdraw(self, found: Found, what: str) -> None:
        """GraphQL has no way of its own."""

    def _put(self, reading: Reading, values: Values, found: Found, what: str) -> None:
        if "url" not in found:
            raise DeliveryFailed(
                Category.API_UNAVAILABLE, f"{what}: the server does not say where to."
            )
        headers = {name: in_header(value, values) for name, value in self._upload.headers.items()}
        body = Body(values["type"], (FilePiece(reading),))
        url = self._client.below("", found["url"])
        self._client.exchange("PUT", url, what, headers=headers, body=body)

    def _with_file(self, reading: Reading, values: Values) -> Body:
        """As the GraphQL multipart request specification lays down."""
        call = self._upload.send
        variables, place = _taken_out(in_tree(call.variables, values))
        operations = {"query": call.document, "variables": variables}
        fields = {
            "operations": orjson.dumps(operations).decode(),
            "map": orjson.dumps({"0": [f"variables.{place}"]}).decode(),
        }
        return form(fields, "0", FilePiece(reading), values["name"], values["type"])

    def _post(self, body: Body, what: str) -> Answer:
        answer = self._client.exchange("POST", "", what, headers=_ACCEPT, body=body)
        if not isinstance(answer.json, dict) or "data" not in answer.json:
            raise DeliveryFailed(
                Category.API_UNAVAILABLE, f"{what}: the answer is none of GraphQL."
            )
        return answer


def _taken_out(variables: Any) -> tuple[Any, str]:
    """The variables with null where the file goes, and the path to there."""
    if variables == FILE:
        return None, ""
    items = enumerate(variables) if isinstance(variables, list) else variables.items()
    for key, item in list(items):
        if item == FILE or isinstance(item, dict | list):
            variables[key], below = _taken_out(item)
            if variables[key] is None or below:
                return variables, f"{key}.{below}".rstrip(".")
    return variables, ""


def _errors(answer: Answer) -> Complaint | None:
    """The first of the answer's errors: with status 200 too."""
    said = answer.json if isinstance(answer.json, dict) else {}
    errors = said.get("errors")
    if not isinstance(errors, list) or not errors:
        return Complaint() if answer.status >= 400 else None
    first = errors[0] if isinstance(errors[0], dict) else {}
    extensions = first.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    message = first.get("message")
    return Complaint(
        code if isinstance(code, str) else None, message if isinstance(message, str) else None
    )
