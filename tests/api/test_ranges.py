"""Parts of files: what is asked for is what is served, and only what went is counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from tests.api.caller import Caller
from tests.api.server import Start
from tests.api.test_ddex_service import Offering, file

from deadwax.api.errors import Problem
from deadwax.api.ranges import Slice, wanted
from deadwax.infrastructure.container import Container

ETAG = '"abc"'


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


@given(size=st.integers(0, 50), first=st.integers(0, 60), last=st.none() | st.integers(0, 60))
def test_a_range_is_what_slicing_gives(size: int, first: int, last: int | None) -> None:
    asked = request(range=f"bytes={first}-{'' if last is None else last}")
    expected = bytes(size)[first : None if last is None else last + 1]
    if last is not None and last < first:
        assert wanted(asked, size, ETAG) == Slice(0, size, size)
    elif not expected:
        with pytest.raises(Problem):
            wanted(asked, size, ETAG)
    else:
        found = wanted(asked, size, ETAG)
        assert (found.first, found.end, found.partial) == (first, first + len(expected), True)


@given(size=st.integers(0, 50), length=st.integers(0, 60))
def test_a_suffix_is_the_end_of_the_file(size: int, length: int) -> None:
    asked = request(range=f"bytes=-{length}")
    if not size or not length:
        with pytest.raises(Problem):
            wanted(asked, size, ETAG)
    else:
        found = wanted(asked, size, ETAG)
        assert (found.end, found.end - found.first) == (size, min(size, length))


@given(
    text=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)
    | st.from_regex(r"bytes=[0-9 ,-]{0,12}", fullmatch=True)
)
def test_whatever_is_asked_for_nothing_beyond_the_file_is_served(text: str) -> None:
    with suppress(Problem):
        found = wanted(request(range=text), 10, ETAG)
        assert 0 <= found.first < found.end <= found.size == 10


def test_a_download_that_is_broken_off_counts_for_what_went(
    start: Start, admin: Caller, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than the buffers between us can hold."""
    large = bytes(1 << 20) * 64
    monkeypatch.setattr("tests.api.test_ddex_service.SOUND", large)
    server = start()
    offering = Offering(admin, container)
    d = offering.offer()
    url, key = f"{server.url}/api/v1{file(d)}", offering.platform.key
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=30) as http:
        with http.stream("GET", url) as response:
            next(response.iter_raw(1))
        went = _wait(lambda: _served(container))
        assert 0 < went < len(large)
        assert offering.collected(d) == []
        rest = http.get(url, headers={"Range": f"bytes={went}-"})
        assert rest.content == large[went:]
        _wait(lambda: offering.collected(d) == ["started", "resources_fetched"])
    assert server.peak_memory() < 400 << 20


def _served(container: Container) -> int:
    with container.pool.connection() as connection:
        row = connection.execute("SELECT upper(served) FROM fetched_files").fetchone()
    return int(row[0]) if row else 0


def _wait(there: Callable[[], Any]) -> Any:
    for _ in range(400):
        if found := there():
            return found
        time.sleep(0.05)
    raise AssertionError("not within 20 s")
