"""Uploads in chunks that say where they belong (Content-Range), as Google's and YouTube's
resumable uploads: 308 while something is missing, with `Range: bytes=0-N` for what is there."""

from __future__ import annotations

import re
from collections.abc import Callable

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.http import RestUpload
from deadwax.domain.addresses.http_calls import Finding
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http.bodies import Body, FilePiece
from deadwax.infrastructure.couriers.http.client import HttpClient
from deadwax.infrastructure.couriers.http.dialect import Found
from deadwax.infrastructure.couriers.http.reading import Reading
from deadwax.infrastructure.couriers.http.values import Answer, Values, in_header, in_url

_MORE = 308
_GONE = frozenset({404, 410})
_RANGE = re.compile(r"bytes=0-([0-9]{1,18})")
_MOST_SENT_AGAIN = 3


class RangeUpload:
    def __init__(self, client: HttpClient, upload: RestUpload) -> None:
        self._client, self._upload = client, upload

    def send(
        self,
        reading: Reading,
        values: Values,
        found: Found,
        keep: Callable[[Found], None],
        begin: Callable[[Values, str], Found],
    ) -> Found:
        size, what = reading.file.size, f"uploading {reading.file.path}"
        answer, offset = None, 0
        if found:
            answer = self._put(reading, {**values, **found}, None, what, gone=True)
            offset = _there(answer, size)
        if answer is None or answer.status in _GONE:
            answer, offset, found = None, 0, begin(values, what)
            keep(found)
        known, stuck = {**values, **found}, 0
        while answer is None or answer.status == _MORE:
            end = min(offset + self._upload.chunk_bytes, size)
            answer = self._put(reading, known, (offset, end), what)
            before, offset = offset, _there(answer, size)
            stuck = 0 if offset > before else stuck + 1
            if answer.status == _MORE and (offset > end or stuck >= _MOST_SENT_AGAIN):
                raise DeliveryFailed(
                    FailureCategory.API_UNAVAILABLE,
                    f"{what}: the server says that it has {offset} bytes of {size}, again.",
                )
        return found | answer.findings(self._upload.send.finds, Finding.UPLOAD, Finding.URL)

    def _put(
        self,
        reading: Reading,
        values: Values,
        part: tuple[int, int] | None,
        what: str,
        *,
        gone: bool = False,
    ) -> Answer:
        """A chunk; or nothing, which asks what is there. All of an empty file is nothing too."""
        size, call = reading.file.size, self._upload.send
        pieces: tuple[FilePiece, ...] = ()
        if part is None or size == 0:
            place = f"bytes */{size}"
            if part is not None:
                reading.prove()
        else:
            place = f"bytes {part[0]}-{part[1] - 1}/{size}"
            pieces = (FilePiece(reading, *part),)
        headers = {name: in_header(value, values) for name, value in call.headers.items()}
        return self._client.exchange(
            call.method,
            in_url(call.url, values),
            what,
            headers=headers | {"Content-Range": place},
            body=Body(values["type"], pieces),
            passing=frozenset({_MORE}) | (_GONE if gone else frozenset()),
        )


def _there(answer: Answer, size: int) -> int:
    """How many bytes the server has."""
    if answer.status != _MORE:
        return size
    found = _RANGE.fullmatch(answer.headers.get("Range", ""))
    return int(found[1]) + 1 if found else 0
