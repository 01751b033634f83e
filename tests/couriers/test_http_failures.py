"""Platforms that misbehave: what is told of it, what is sent again, and what is not."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.couriers.http_addresses import (
    AT_ONCE,
    CONTENT_RANGE,
    GRAPHQL_PUT,
    LINK,
    PUT,
    TUS,
    address,
    soap,
)
from tests.couriers.http_dsp import door
from tests.couriers.http_site import HttpSite, Platform, account_folder

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import OutgoingFile
from deadwax.domain.failures import FailureCategory as Category
from deadwax.infrastructure.couriers.contract import MB, outgoing, some_bytes, upload
from deadwax.infrastructure.couriers.http_failures import LONGEST_WAIT, retry_after

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Odd:
    """An account at a platform that does as it is told."""

    def __init__(self, platform: Platform, kind: str, settings: Any, **more: Any) -> None:
        self.platform, self.name = platform, uuid4().hex
        url = f"{platform.url}/bearer/{self.name}/{kind}"
        folder = account_folder(platform, self.name)
        self.site = HttpSite(address(kind, url, settings, **more), folder)

    def instead(self, *steps: dict[str, Any]) -> None:
        self.platform.instead(self.name, *steps)


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (400, Category.METADATA_INVALID),
        (401, Category.AUTH_INVALID),
        (403, Category.PERMISSION_DENIED),
        (408, Category.NETWORK_TIMEOUT),
        (409, Category.INTEGRITY),
        (413, Category.QUOTA_EXCEEDED),
        (415, Category.CONTENT_FORMAT),
        (418, Category.UNKNOWN),
        (422, Category.METADATA_INVALID),
        (429, Category.API_RATE_LIMIT),
        (451, Category.RIGHTS),
        (500, Category.API_UNAVAILABLE),
        (503, Category.API_UNAVAILABLE),
        (504, Category.NETWORK_TIMEOUT),
        (507, Category.QUOTA_EXCEEDED),
        (599, Category.API_UNAVAILABLE),
    ],
)
def test_a_status_has_a_meaning(http_dsp: Platform, status: int, category: Category) -> None:
    odd = Odd(http_dsp, "rest", PUT)
    odd.instead({"method": "PUT", "status": status, "words": f"since {door.TOKEN}\nis so"})
    with closing(odd.site.connect()) as courier, pytest.raises(DeliveryFailed) as failed:
        upload(courier, outgoing("album.wav", b"x"))
    assert failed.value.category is category
    assert f"uploading album.wav: the server answered {status}" in failed.value.detail
    assert "since *** is so" in failed.value.detail


def test_an_address_says_what_its_codes_mean(http_dsp: Platform) -> None:
    meant = [{"code": "ODD", "category": "content_quality"}, {"code": "429", "category": "rights"}]
    odd = Odd(http_dsp, "rest", PUT, meanings=meant)
    odd.instead({"method": "PUT", "status": 400})
    with closing(odd.site.connect()) as courier, pytest.raises(DeliveryFailed) as failed:
        upload(courier, outgoing("album.wav", b"x"))
    assert failed.value.category is Category.CONTENT_QUALITY


def test_the_server_says_when_it_wants_to_be_asked_again(http_dsp: Platform) -> None:
    odd = Odd(http_dsp, "rest", PUT)
    odd.instead({"method": "PUT", "status": 429, "headers": {"Retry-After": "120"}})
    before = datetime.now(UTC)
    with closing(odd.site.connect()) as courier, pytest.raises(DeliveryFailed) as failed:
        upload(courier, outgoing("album.wav", b"x"))
    assert failed.value.retry_after is not None
    wait = failed.value.retry_after - before
    assert timedelta(seconds=119) < wait < timedelta(seconds=180)


def test_a_time_to_wait_is_read_in_both_forms() -> None:
    def read(text: str) -> datetime | None:
        return retry_after(httpx.Headers({"Retry-After": text}), NOW)

    assert read("90") == NOW + timedelta(seconds=90)
    assert read("Fri, 02 Jan 2026 03:14:05 GMT") == NOW + timedelta(minutes=10)
    assert read("Thu, 01 Jan 2026 00:00:00 GMT") == NOW
    assert read("99999999999999999999") is None
    assert read("31536000") == NOW + LONGEST_WAIT
    for nothing in ("", "-1", "soon", "1.5", "Fri, 99 Foo 2026"):
        assert read(nothing) is None


@given(st.text(max_size=40))
def test_whatever_a_server_says_a_wait_is_bounded(text: str) -> None:
    raw = httpx.Headers([(b"Retry-After", text.encode("utf-8", "replace"))])
    found = retry_after(raw, NOW)
    assert found is None or NOW <= found <= NOW + LONGEST_WAIT


def test_a_burst_of_503_in_a_file_is_gone_on_after(http_dsp: Platform) -> None:
    odd, data = Odd(http_dsp, "rest", CONTENT_RANGE), some_bytes(3 * MB)
    file = outgoing("album.wav", data)
    odd.instead(*[{"method": "PUT", "status": 503}] * 3)
    for _ in range(3):
        with closing(odd.site.connect()) as courier, pytest.raises(DeliveryFailed) as failed:
            upload(courier, file)
        assert failed.value.category is Category.API_UNAVAILABLE
    with closing(odd.site.connect()) as last:
        upload(last, file)
        last.publish("album.wav")
    assert odd.site.read("album.wav") == data
    assert odd.platform.seen(odd.name).count("POST sessions") == 1


def test_a_connection_that_is_cut_mid_file_leaves_what_arrived(http_dsp: Platform) -> None:
    odd, data = Odd(http_dsp, "rest", CONTENT_RANGE), some_bytes(3 * MB)
    file = outgoing("album.wav", data)
    with closing(odd.site.connect()) as courier:
        odd.instead({"method": "PUT", "do": "lose"})  # the first chunk arrives, its answer not
        with pytest.raises(DeliveryFailed) as failed:
            upload(courier, file)
        assert failed.value.category is Category.NETWORK_CONNECTIVITY
    with closing(odd.site.connect()) as second:
        assert upload(second, file) == 2 * MB
        second.publish("album.wav")
    assert odd.site.read("album.wav") == data


def test_a_session_that_the_server_forgot_begins_anew(http_dsp: Platform) -> None:
    for settings in (CONTENT_RANGE, TUS):
        odd, data = Odd(http_dsp, "rest", settings), some_bytes(MB)
        with closing(odd.site.connect()) as courier:
            upload(courier, outgoing("album.wav", data))
            for part in (odd.site.folder / "hidden").iterdir():
                part.unlink()
            with pytest.raises(DeliveryFailed) as failed:
                courier.publish("album.wav")
            assert failed.value.category is Category.NOT_FOUND
            assert upload(courier, outgoing("album.wav", data)) == MB
            courier.publish("album.wav")
        assert odd.site.read("album.wav") == data


@pytest.mark.parametrize("settings", [PUT, AT_ONCE])
def test_a_lost_answer_is_resolved_by_looking(http_dsp: Platform, settings: Any) -> None:
    odd, file = Odd(http_dsp, "rest", settings), outgoing("album.wav", some_bytes(1000))
    with closing(odd.site.connect()) as courier:
        upload(courier, file)
        odd.instead({"method": "POST" if settings is PUT else "PUT", "do": "lose"})
        with pytest.raises(DeliveryFailed) as lost:
            courier.publish(file.path)
        assert lost.value.category is Category.NETWORK_CONNECTIVITY
    with closing(odd.site.connect()) as after:
        assert after.size(file.path) == file.size
        assert upload(after, file) == 0
        after.publish(file.path)
        assert after.verify(file) == "sha256"
    publishing = "POST publish" if settings is PUT else "PUT files"
    assert odd.platform.seen(odd.name).count(publishing) == 1


def test_what_was_taken_away_after_a_lost_answer_does_not_pass_for_unpublished(
    http_dsp: Platform,
) -> None:
    """Where nothing tells of uploads, all that is known is that publishing was asked for."""
    odd, file = Odd(http_dsp, "rest", CONTENT_RANGE), outgoing("album.wav", some_bytes(1000))
    with closing(odd.site.connect()) as courier:
        upload(courier, file)
        odd.instead({"method": "POST", "status": 422}, {"method": "POST", "do": "lose"})
        with pytest.raises(DeliveryFailed):
            courier.publish(file.path)
        assert courier.pending(file.path), "it said that it did not"
        with pytest.raises(DeliveryFailed):
            courier.publish(file.path)
    assert odd.site.read(file.path) is not None
    (odd.site._visible / file.path).unlink()
    with closing(odd.site.connect()) as after:
        assert after.size(file.path) is None
        assert not after.pending(file.path)
        upload(after, file)  # a person found out that it is not published
        assert after.pending(file.path)


def test_a_server_that_never_answers_is_left(http_dsp: Platform) -> None:
    odd = Odd(http_dsp, "rest", PUT)
    odd.instead({"method": "PUT", "do": "hang"})
    courier = odd.site.connect(stall_seconds=0.5)
    with closing(courier), pytest.raises(DeliveryFailed) as failed:
        upload(courier, outgoing("album.wav", b"x"))
    assert failed.value.category is Category.NETWORK_TIMEOUT


def test_a_server_that_is_not_there_is_told_by_why() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for host, words in ((f"127.0.0.1:{port}", "refused"), ("nowhere.invalid", "no such host")):
        site = HttpSite(address("rest", f"http://{host}", PUT), Path("nowhere"))
        with (
            closing(site.connect()) as courier,
            pytest.raises(DeliveryFailed, match=words) as failed,
        ):
            courier.size("a")
        assert failed.value.category is Category.NETWORK_CONNECTIVITY


def test_a_platform_fetches_what_it_is_sent_a_link_to(http_dsp: Platform) -> None:
    """From another account of its own, which serves as our API here."""
    source = Odd(http_dsp, "rest", PUT)
    data, path = some_bytes(5000), "M1/resources/album.wav"
    source.site.write(path, data)
    ours = f"{http_dsp.url}/none/{source.name}/rest"
    signed: list[tuple[str, str, int]] = []

    def link(file: OutgoingFile, base_url: str, seconds: int) -> str:
        signed.append((file.path, base_url, seconds))
        return f"{base_url}/files/{file.path}"

    links = {"base_url": ours, "seconds": 600}
    odd = Odd(http_dsp, "rest", LINK, links=links)
    odd.site.link = link
    with closing(odd.site.connect()) as courier:
        upload(courier, outgoing(path, data))
        assert odd.site.read(path) is None
        courier.publish(path)
    assert odd.site.read(path) == data
    assert set(signed) == {(path, ours, 600)}


def test_faults_and_errors_have_meanings(http_dsp: Platform) -> None:
    for kind, settings in (("soap", soap("1.1", "mtom")), ("graphql", GRAPHQL_PUT)):
        odd = Odd(http_dsp, kind, settings)
        odd.site.write("album.wav", b"theirs")
        with closing(odd.site.connect()) as courier:
            upload(courier, outgoing("new.wav", b"ours"))
            odd.site.write("new.wav", b"theirs, meanwhile")
            with pytest.raises(DeliveryFailed) as failed:
                courier.publish("new.wav")
            assert failed.value.category is Category.INTEGRITY
        odd.instead({"method": "POST", "status": 200})
        with closing(odd.site.connect()) as courier:
            with pytest.raises(DeliveryFailed) as strange:
                courier.list("folder")
            assert strange.value.category is Category.API_UNAVAILABLE
