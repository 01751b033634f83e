"""Delivers to REST interfaces."""

from __future__ import annotations

from collections.abc import Callable

import orjson

from deadwax.domain.addresses.http import RestAddress, RestStyle
from deadwax.domain.addresses.http_calls import Finding, RestCall
from deadwax.infrastructure.couriers.http.bodies import Body, FilePiece, form
from deadwax.infrastructure.couriers.http.client import HttpClient
from deadwax.infrastructure.couriers.http.courier import HttpCourier
from deadwax.infrastructure.couriers.http.dialect import Found
from deadwax.infrastructure.couriers.http.meanings import Complaint, Meanings
from deadwax.infrastructure.couriers.http.ranges import RangeUpload
from deadwax.infrastructure.couriers.http.reading import Reading
from deadwax.infrastructure.couriers.http.tus import TusUpload
from deadwax.infrastructure.couriers.http.values import (
    MOST_ANSWER,
    Answer,
    Values,
    in_header,
    in_tree,
    in_url,
)
from deadwax.infrastructure.couriers.opening import Opening

_RESUMING = frozenset({RestStyle.CONTENT_RANGE, RestStyle.TUS})


def open_courier(address: RestAddress, opening: Opening) -> HttpCourier:
    """Raises DeliveryFailed(AUTH_INVALID) for secrets and certificates that cannot be used.
    Nothing is sent before the first call."""

    def explain(answer: Answer) -> Complaint | None:
        if answer.status < 400:
            return None
        return Complaint(answer.find(address.code_at), answer.find(address.message_at))

    client = HttpClient(address, opening, Meanings(address.meanings, {}), explain)
    return HttpCourier(client, _Rest(client, address), address, opening)


class _Rest:
    def __init__(self, client: HttpClient, address: RestAddress) -> None:
        self._client, self._upload = client, address.upload
        self._tus = TusUpload(client, address.upload)
        self._ranges = RangeUpload(client, address.upload)
        self.resumes = address.upload.style in _RESUMING

    def call(self, call: RestCall, values: Values, what: str) -> Answer:
        return self._exchange(call, values, what)

    def content(self, call: RestCall, values: Values, what: str, limit: int) -> bytes:
        return self._exchange(call, values, what, limit=limit).body

    def send(
        self, reading: Reading, values: Values, found: Found, keep: Callable[[Found], None]
    ) -> Found:
        style, what = self._upload.style, f"uploading {reading.file.path}"
        if style is RestStyle.TUS:
            return self._tus.send(reading, values, found, keep)
        if style is RestStyle.CONTENT_RANGE:
            return self._ranges.send(reading, values, found, keep, self._begin)
        if style is RestStyle.LINK:
            reading.prove()
        found = self._begin(values, what)
        keep(found)
        known = {**values, **found}
        answer = self._exchange(self._upload.send, known, what, self._body(reading, known))
        return found | answer.findings(self._upload.send.finds, Finding.UPLOAD, Finding.URL)

    def withdraw(self, found: Found, what: str) -> None:
        if self._upload.style is RestStyle.TUS:
            self._tus.withdraw(found, what)

    def _begin(self, values: Values, what: str) -> Found:
        begin = self._upload.begin
        if begin is None:
            return {}
        answer = self._exchange(begin, values, what)
        found = answer.findings(begin.finds, Finding.UPLOAD, Finding.URL)
        if "url" in found:
            found["url"] = self._client.below(in_url(begin.url, values), found["url"])
        return found

    def _body(self, reading: Reading, values: Values) -> Body | None:
        file = FilePiece(reading)
        match self._upload.style:
            case RestStyle.PUT:
                return Body(values["type"], (file,))
            case RestStyle.MULTIPART:
                fields = in_tree(dict(self._upload.form), values)
                texts = {name: str(value) for name, value in fields.items()}
                return form(texts, self._upload.part, file, values["name"], values["type"])
            case _:
                return None

    def _exchange(
        self,
        call: RestCall,
        values: Values,
        what: str,
        body: Body | None = None,
        limit: int = MOST_ANSWER,
    ) -> Answer:
        headers = {name: in_header(value, values) for name, value in call.headers.items()}
        if body is None and call.json is not None:
            body = Body("application/json", (orjson.dumps(in_tree(call.json, values)),))
        url = in_url(call.url, values)
        return self._client.exchange(
            call.method, url, what, headers=headers, body=body, limit=limit
        )
