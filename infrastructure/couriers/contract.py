"""What every courier has to do, as tests: ours and those of plug-ins run the same.

A test module inherits `CourierContract` and gives it a fixture `site`: a real server, seen from
behind. Needs pytest, which the product itself does not install.

    class TestMyCourier(CourierContract):
        @pytest.fixture
        def site(self, tmp_path): ...
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import Any, Protocol

import pytest

from deadwax.application.errors import DeliveryFailed, Stopped, Unsupported
from deadwax.application.ports import Can, Courier, OutgoingFile, RemoteFile
from deadwax.domain.failures import FailureCategory

MB = 1024 * 1024


class Site(Protocol):
    """A server and an account on it. `read`, `write` and `names` go behind the courier's back,
    by the server's own disk or another client; paths are relative to the target's root."""

    def connect(self, *, stall_seconds: float = 20.0) -> Courier: ...

    def connect_with_wrong_secret(self) -> Courier:
        """Raises DeliveryFailed, or its first call does."""
        ...

    def read(self, path: str) -> bytes | None:
        """What the platform sees at `path`; None if nothing stands there."""
        ...

    def write(self, path: str, data: bytes) -> None:
        """Put a file there that is not ours."""
        ...

    def names(self, folder: str) -> list[str]:
        """The names that the platform sees in `folder`, sorted; "" is the root."""
        ...


def some_bytes(size: int) -> bytes:
    """The same for the same size."""
    return random.Random(size).randbytes(size)  # noqa: S311


def outgoing(path: str, data: bytes) -> OutgoingFile:
    return OutgoingFile(path, len(data), hashlib.sha256(data).hexdigest(), lambda: io.BytesIO(data))


def upload(
    courier: Courier, file: OutgoingFile, keep_going: Callable[[], bool] = lambda: True
) -> int:
    """Upload, and the bytes that were newly sent."""
    sent: list[int] = []
    courier.upload(file, keep_going=keep_going, progress=sent.append)
    return sum(sent)


def needs(courier: Courier, *abilities: Can) -> None:
    """What a courier says it cannot do is tested to be refused, and nothing else of it."""
    missing = set(abilities) - courier.can
    if missing:
        pytest.skip(f"the protocol cannot: {', '.join(sorted(missing))}")


class CourierContract:
    """Fixtures to give: `site`. `LARGE` is a size, in bytes, that is sent in several blocks and
    of which a stopped upload leaves something to go on with; `UNICODE` whether names may hold
    more than ASCII; `HARD_NAMES` what else they may hold; `SECRET` whether there is anything to
    log in with."""

    LARGE = 5 * MB
    UNICODE = True
    SECRET = True
    HARD_NAMES: Sequence[str] = (
        "-rf.wav",
        'it\'s "quoted".wav',
        "$(touch x); `touch x` | touch x & touch x > x.wav",
        "100%25 #1? + [a-z]*.wav",
        "back\\slash.wav",
        "~",
    )

    @pytest.fixture
    def courier(self, site: Site) -> Iterator[Courier]:
        opened = site.connect()
        yield opened
        opened.close()

    @pytest.mark.parametrize("size", [0, 1, 255 * 1024, 3 * MB + 17])
    def test_bytes_stand_there_once_published_and_not_before(
        self, courier: Courier, site: Site, size: int
    ) -> None:
        data = some_bytes(size)
        assert upload(courier, outgoing("album.wav", data)) == size
        assert site.read("album.wav") is None
        courier.publish("album.wav")
        assert site.read("album.wav") == data
        assert site.names("") == ["album.wav"]

    def test_a_published_file_is_seen_and_verified(self, courier: Courier) -> None:
        needs(courier, Can.LOOK)
        file = outgoing("album.wav", some_bytes(300_000))
        assert courier.size("album.wav") is None
        assert not courier.pending("album.wav")
        upload(courier, file)
        assert courier.size("album.wav") is None
        assert courier.pending("album.wav")
        courier.publish("album.wav")
        assert courier.size("album.wav") == 300_000
        assert not courier.pending("album.wav")
        assert courier.verify(file)

    def test_verifying_finds_another_size_and_what_is_missing(
        self, courier: Courier, site: Site
    ) -> None:
        needs(courier, Can.LOOK)
        file = outgoing("album.wav", b"ours")
        with pytest.raises(DeliveryFailed) as missing:
            courier.verify(file)
        assert missing.value.category is FailureCategory.NOT_FOUND
        site.write("album.wav", b"theirs")
        with pytest.raises(DeliveryFailed) as differs:
            courier.verify(file)
        assert differs.value.category is FailureCategory.INTEGRITY

    def test_verifying_finds_other_bytes_of_the_same_size(
        self, courier: Courier, site: Site
    ) -> None:
        needs(courier, Can.LOOK)
        file = outgoing("album.wav", some_bytes(300_000))
        upload(courier, file)
        courier.publish(file.path)
        if courier.verify(file) == "size":
            pytest.skip("the server has no means to compare more than sizes")
        site.write(file.path, bytes(300_000))
        with pytest.raises(DeliveryFailed) as differs:
            courier.verify(file)
        assert differs.value.category is FailureCategory.INTEGRITY

    def test_folders_are_made_and_names_are_kept(self, courier: Courier, site: Site) -> None:
        name = "Sigur Rós – Hoppípolla 日本.wav" if self.UNICODE else "Sigur Ros - Hoppipolla.wav"
        path = f"20260101000000000/5901234123457/resources/{name}"
        data = some_bytes(1000)
        upload(courier, outgoing(path, data))
        courier.publish(path)
        assert site.read(path) == data
        if Can.LIST in courier.can:
            assert courier.list(path.rpartition("/")[0]) == [RemoteFile(path, 1000)]

    def test_a_name_is_nothing_but_a_name(self, courier: Courier, site: Site) -> None:
        """No shell, pattern, escape or option is seen in it."""
        for number, name in enumerate(self.HARD_NAMES):
            path, data = f"hard names/{number}/{name}", some_bytes(100 + number)
            upload(courier, outgoing(path, data))
            courier.publish(path)
            assert site.read(path) == data
            if Can.LOOK in courier.can:
                assert courier.size(path) == len(data)
            if Can.FETCH in courier.can:
                assert courier.fetch(path, 1000) == data
        assert site.names("") == ["hard names"]

    def test_connections_deliver_side_by_side_into_one_new_folder(self, site: Site) -> None:
        files = {f"batch/release/resources/{n}.wav": some_bytes(200_000 + n) for n in range(4)}

        def deliver(path: str) -> None:
            with closing(site.connect()) as own:
                upload(own, outgoing(path, files[path]))
                own.publish(path)

        with ThreadPoolExecutor(len(files)) as threads:
            for done in [threads.submit(deliver, path) for path in files]:
                done.result()
        assert {path: site.read(path) for path in files} == files

    def test_a_file_that_stands_is_not_sent_again(self, courier: Courier) -> None:
        needs(courier, Can.LOOK)
        file = outgoing("album.wav", some_bytes(100_000))
        upload(courier, file)
        courier.publish(file.path)
        assert upload(courier, file) == 0
        courier.publish(file.path)
        assert courier.size(file.path) == 100_000
        assert not courier.pending(file.path)

    def test_what_was_uploaded_is_not_sent_again_by_another_connection(self, site: Site) -> None:
        data, first = some_bytes(self.LARGE), site.connect()
        needs(first, Can.RESUME)
        assert upload(first, outgoing("album.wav", data)) == len(data)
        first.close()
        second = site.connect()
        assert upload(second, outgoing("album.wav", data)) == 0
        second.publish("album.wav")
        second.close()
        assert site.read("album.wav") == data

    def test_a_stopped_upload_goes_on_over_another_connection(self, site: Site) -> None:
        data, first = some_bytes(self.LARGE), site.connect()
        needs(first, Can.RESUME)
        file, sent = outgoing("album.wav", data), [0]

        def count(size: int) -> None:
            sent[0] += size

        with pytest.raises(Stopped):
            first.upload(file, keep_going=lambda: not sent[0], progress=count)
        first.close()
        assert site.read("album.wav") is None
        second = site.connect()
        assert 0 < upload(second, file) < len(data)
        second.publish("album.wav")
        second.close()
        assert site.read("album.wav") == data

    def test_what_was_uploaded_is_not_taken_for_another_file(
        self, courier: Courier, site: Site
    ) -> None:
        """The release was amended, and other bytes go by the same name now."""
        upload(courier, outgoing("album.wav", some_bytes(self.LARGE)))
        data = some_bytes(self.LARGE - 1)
        upload(courier, outgoing("album.wav", data))
        courier.publish("album.wav")
        assert site.read("album.wav") == data

    def test_a_standing_file_of_another_size_is_refused_and_kept(
        self, courier: Courier, site: Site
    ) -> None:
        needs(courier, Can.LOOK)
        site.write("album.wav", b"theirs")
        with pytest.raises(DeliveryFailed) as failed:
            upload(courier, outgoing("album.wav", b"ours is longer"))
        assert failed.value.category is FailureCategory.INTEGRITY
        assert "album.wav" in failed.value.detail
        assert site.read("album.wav") == b"theirs"

    def test_publishing_never_replaces_a_different_file(self, courier: Courier, site: Site) -> None:
        needs(courier, Can.LOOK)
        upload(courier, outgoing("album.wav", b"ours.."))
        site.write("album.wav", b"theirs")
        with pytest.raises(DeliveryFailed) as failed:
            courier.publish("album.wav")
        assert failed.value.category is FailureCategory.INTEGRITY
        assert site.read("album.wav") == b"theirs"

    @pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"size": 500_001}])
    def test_our_own_bytes_that_are_not_those_on_record_are_withdrawn(
        self, courier: Courier, site: Site, change: dict[str, Any]
    ) -> None:
        file = replace(outgoing("album.wav", some_bytes(500_000)), **change)
        with pytest.raises(DeliveryFailed) as failed:
            upload(courier, file)
        assert failed.value.category is FailureCategory.INTEGRITY
        if Can.LOOK in courier.can:
            assert not courier.pending("album.wav")
        assert site.names("") == []

    def test_our_own_unreadable_asset_is_not_blamed_on_the_server(self, courier: Courier) -> None:
        def gone() -> io.BytesIO:
            raise FileNotFoundError(2, "No such file or directory", "/secret/place")

        file = replace(outgoing("album.wav", b"x"), open=gone)
        with pytest.raises(DeliveryFailed, match="our own store") as failed:
            upload(courier, file)
        assert failed.value.category is FailureCategory.UNKNOWN
        assert "/secret/place" not in failed.value.detail

    def test_publishing_what_was_never_uploaded_is_refused(self, courier: Courier) -> None:
        with pytest.raises(DeliveryFailed) as failed:
            courier.publish("album.wav")
        assert failed.value.category is FailureCategory.NOT_FOUND

    def test_what_is_listed_are_the_files_of_a_folder(self, courier: Courier, site: Site) -> None:
        needs(courier, Can.LIST)
        site.write("inbox/b.xml", b"bb")
        site.write("inbox/a.xml", b"a")
        site.write("inbox/folder/c.xml", b"ccc")
        upload(courier, outgoing("inbox/not-published.xml", b"dddd"))
        assert courier.list("inbox") == [RemoteFile("inbox/a.xml", 1), RemoteFile("inbox/b.xml", 2)]
        assert courier.list("elsewhere") == []

    def test_fetching_stays_below_its_limit(self, courier: Courier, site: Site) -> None:
        needs(courier, Can.FETCH)
        data = some_bytes(100_000)
        site.write("ack.xml", data)
        assert courier.fetch("ack.xml", 100_000) == data
        with pytest.raises(DeliveryFailed) as too_large:
            courier.fetch("ack.xml", 99_999)
        assert too_large.value.category is FailureCategory.INTEGRITY
        with pytest.raises(DeliveryFailed) as missing:
            courier.fetch("none.xml", 10)
        assert missing.value.category is FailureCategory.NOT_FOUND

    def test_removing_takes_away_what_stands_and_what_was_only_uploaded(
        self, courier: Courier, site: Site
    ) -> None:
        needs(courier, Can.REMOVE, Can.LOOK)
        upload(courier, outgoing("one.wav", b"one"))
        courier.publish("one.wav")
        upload(courier, outgoing("two.wav", b"two"))
        for path in ("one.wav", "two.wav", "never.wav"):
            courier.remove(path)
            assert courier.size(path) is None
            assert not courier.pending(path)
        assert site.names("") == []

    def test_a_probe_says_what_it_did_and_leaves_nothing(
        self, courier: Courier, site: Site
    ) -> None:
        probe = courier.probe()
        assert probe.latency_ms >= 0
        assert probe.steps
        assert site.names("") == []

    def test_a_wrong_secret_is_told_and_not_repeated(self, site: Site) -> None:
        if not self.SECRET:
            pytest.skip("the protocol has nothing to log in with")
        with pytest.raises(DeliveryFailed) as failed:
            site.connect_with_wrong_secret().probe()
        assert failed.value.category is FailureCategory.AUTH_INVALID

    def test_what_it_cannot_do_it_refuses(self, courier: Courier) -> None:
        calls: dict[Can, Callable[[], object]] = {
            Can.LOOK: lambda: courier.size("a"),
            Can.LIST: lambda: courier.list("a"),
            Can.FETCH: lambda: courier.fetch("a", 1),
            Can.REMOVE: lambda: courier.remove("a"),
        }
        for ability in calls.keys() - courier.can:
            with pytest.raises(Unsupported):
                calls[ability]()
