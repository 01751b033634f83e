"""A small client of our own API, for the commands that use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

_CHUNK = 256 * 1024


class ApiError(Exception):
    """The API refused; shows the problem and everything it names."""


class Client:
    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=f"{url}/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(60, read=300),
        )

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Waits until the read side has seen our own last command."""
        return _read(self._http.get(path, params=self._after(path) | dict(params or {})))

    def download(self, path: str, params: Mapping[str, str], into: Path) -> None:
        """The answer, whatever its size, as a file."""
        with self._http.stream("GET", path, params=self._after(path) | dict(params)) as response:
            if not response.is_success:
                response.read()
                _read(response)
            with into.open("wb") as file:
                for chunk in response.iter_bytes(_CHUNK):
                    file.write(chunk)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self._http.post(path, json=body)
        answer = _read(response)
        self._position = int(response.headers.get("Deadwax-Position", self._position))
        return answer

    def send(
        self, path: str, data: bytes, media_type: str, params: Mapping[str, str]
    ) -> dict[str, Any]:
        """A body that is no JSON of ours."""
        headers = {"Content-Type": media_type}
        response = self._http.post(path, content=data, headers=headers, params=params)
        answer = _read(response)
        self._position = int(response.headers.get("Deadwax-Position", self._position))
        return answer

    def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self._http.patch(path, json=body)
        answer = _read(response)
        self._position = int(response.headers.get("Deadwax-Position", self._position))
        return answer

    def pages(self, path: str) -> list[dict[str, Any]]:
        """All items of a list."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            params = self._after(path) | {"limit": "200"} | ({"cursor": cursor} if cursor else {})
            page = _read(self._http.get(path, params=httpx.URL(path).params.merge(params)))
            items += page["items"]
            cursor = page["next"]
            if not cursor:
                return items

    def upload(self, path: Path, sent: Callable[[int], None]) -> dict[str, Any]:
        def chunks() -> Iterator[bytes]:
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
                    sent(len(chunk))

        response = self._http.post(
            "/assets",
            params={"filename": path.name},
            content=chunks(),
            headers={"Content-Type": "application/octet-stream"},
        )
        return _read(response)

    _position = 0

    def _after(self, path: str) -> dict[str, str]:
        return {"after": str(self._position)} if self._position else {}


def _read(response: httpx.Response) -> dict[str, Any]:
    if response.is_success:
        return dict(response.json()) if response.content else {}
    try:
        problem = response.json()
        lines = [f"{problem.get('title')}: {problem.get('detail')}"]
        lines += [f"  {e['field']}: {e['message']} {e['fix']}" for e in problem.get("errors", [])]
        raise ApiError("\n".join(lines))
    except ValueError:
        raise ApiError(f"HTTP {response.status_code}") from None
