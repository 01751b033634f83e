"""Uploads by tus 1.0: creation, going on at the offset that the server tells, a checksum for
each chunk and termination where the server has these extensions."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.http import RestUpload
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.http.bodies import Body, FilePiece
from deadwax.infrastructure.couriers.http.client import HttpClient
from deadwax.infrastructure.couriers.http.dialect import Found
from deadwax.infrastructure.couriers.http.reading import Reading
from deadwax.infrastructure.couriers.http.values import (
    Answer,
    Values,
    in_header,
    in_tree,
    in_url,
    number,
)

_VERSION = {"Tus-Resumable": "1.0.0"}
_GONE = frozenset({403, 404, 410})
"""The protocol lets servers choose between them."""
_DIGESTS = ("sha256", "sha1", "md5")
_TYPE = "application/offset+octet-stream"


class TusUpload:
    def __init__(self, client: HttpClient, upload: RestUpload) -> None:
        self._client, self._upload = client, upload
        self._offers: Mapping[str, str] | None = None

    def send(
        self, reading: Reading, values: Values, found: Found, keep: Callable[[Found], None]
    ) -> Found:
        what, size = f"uploading {reading.file.path}", reading.file.size
        offset = self._there(found, size, what)
        if offset is None:
            found, offset = self._create(reading, values, what), 0
            keep(found)
        if size == 0 or offset == size:
            reading.prove(size)
        while offset < size:
            end = min(offset + self._upload.chunk_bytes, size)
            answer = self._patch(reading, found["url"], offset, end, what)
            after = number(answer.headers.get("Upload-Offset"))
            if after is None or not offset < after <= end:
                raise DeliveryFailed(
                    FailureCategory.API_UNAVAILABLE,
                    f"{what}: the server has {after} bytes after {end} were sent.",
                )
            offset = after
        return found

    def withdraw(self, found: Found, what: str) -> None:
        if "url" in found and "termination" in self._extensions(what):
            self._client.exchange("DELETE", found["url"], what, headers=_VERSION, passing=_GONE)

    def _there(self, found: Found, size: int, what: str) -> int | None:
        """How many bytes the server has of an upload; None if it does not know it."""
        if "url" not in found:
            return None
        answer = self._client.exchange("HEAD", found["url"], what, headers=_VERSION, passing=_GONE)
        if answer.status in _GONE or number(answer.headers.get("Upload-Length")) != size:
            return None
        offset = number(answer.headers.get("Upload-Offset"))
        return offset if offset is not None and offset <= size else None

    def _create(self, reading: Reading, values: Values, what: str) -> Found:
        most = number(self._options(what).get("Tus-Max-Size"))
        if most is not None and reading.file.size > most:
            raise DeliveryFailed(
                FailureCategory.QUOTA_EXCEEDED, f"{what}: the server takes at most {most} bytes."
            )
        call = self._upload.send
        place = in_url(call.url, values)
        metadata = {"filename": values["name"], "filetype": values["type"]}
        metadata |= in_tree(dict(self._upload.form), values)
        headers = {name: in_header(value, values) for name, value in call.headers.items()}
        headers |= _VERSION | {
            "Upload-Length": str(reading.file.size),
            "Upload-Metadata": ",".join(f"{k} {_base64(str(v))}" for k, v in metadata.items()),
        }
        answer = self._client.exchange(call.method, place, what, headers=headers)
        location = answer.headers.get("Location")
        if not location:
            raise DeliveryFailed(
                FailureCategory.API_UNAVAILABLE, f"{what}: the server does not say where to."
            )
        url = self._client.below(place, location)
        return {"url": url, "upload": url.rstrip("/").rpartition("/")[2]}

    def _patch(self, reading: Reading, url: str, start: int, end: int, what: str) -> Answer:
        headers = _VERSION | {"Upload-Offset": str(start)}
        digest = self._digest(what)
        if digest is None:
            body = Body(_TYPE, (FilePiece(reading, start, end),))
            return self._client.exchange("PATCH", url, what, headers=headers, body=body)
        data = reading.take(start, end)
        checksum = base64.b64encode(hashlib.new(digest, data).digest()).decode()
        headers |= {"Upload-Checksum": f"{digest} {checksum}"}
        body = Body(_TYPE, (data,))
        answer = self._client.exchange("PATCH", url, what, headers=headers, body=body)
        reading.taken(end - start)
        return answer

    def _digest(self, what: str) -> str | None:
        if "checksum" not in self._extensions(what):
            return None
        offered = _listed(self._options(what).get("Tus-Checksum-Algorithm", ""))
        return next((name for name in _DIGESTS if name in offered), None)

    def _extensions(self, what: str) -> list[str]:
        return _listed(self._options(what).get("Tus-Extension", ""))

    def _options(self, what: str) -> Mapping[str, str]:
        if self._offers is None:
            place = in_url(self._upload.send.url, {})
            self._offers = self._client.exchange("OPTIONS", place, what).headers
        return self._offers


def _listed(header: str) -> list[str]:
    return [name.strip() for name in header.split(",")]


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
