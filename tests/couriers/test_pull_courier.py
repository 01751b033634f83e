"""Delivering to a platform that pulls: what can be served is proven, and the log is the server."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from deadwax.application.errors import DeliveryFailed, NotFound, Stopped
from deadwax.application.ports import OutgoingFile
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.pull import PullCourier
from deadwax.infrastructure.storage.local import LocalAssets

DATA = bytes(range(256)) * 10_000
PATH = "a1.7/resources/1.wav"


@pytest.fixture
def assets(tmp_path: Path) -> LocalAssets:
    return LocalAssets(tmp_path)


def outgoing(assets: LocalAssets, data: bytes = DATA, size: int | None = None) -> OutgoingFile:
    sha256 = hashlib.sha256(data).hexdigest()
    size = len(data) if size is None else size
    return OutgoingFile(PATH, size, sha256, lambda: assets.open(sha256))


def upload(
    courier: PullCourier, file: OutgoingFile, keep_going: Callable[[], bool] = lambda: True
) -> int:
    """The bytes that were sent."""
    sent: list[int] = []
    courier.upload(file, keep_going=keep_going, progress=sent.append)
    return sum(sent)


def test_a_file_that_is_on_record_can_be_served_and_nothing_is_sent(assets: LocalAssets) -> None:
    assets.put([DATA])
    courier = PullCourier(assets, lambda id: ())
    assert courier.size(PATH) is None
    assert upload(courier, outgoing(assets)) == 0
    assert courier.size(PATH) == len(DATA)
    courier.publish(PATH)
    assert courier.size(PATH + ".part") is None
    assert courier.list("acknowledgements") == []
    courier.close()


def test_bytes_that_are_missing_or_others_are_found_before_anything_is_offered(
    assets: LocalAssets,
) -> None:
    courier = PullCourier(assets, lambda id: ())
    with pytest.raises(NotFound):
        upload(courier, outgoing(assets))
    assets.put([DATA])
    broken = outgoing(assets)
    for wrong in (
        outgoing(assets, size=1),
        OutgoingFile(PATH, len(DATA), broken.sha256, lambda: io.BytesIO(DATA[:-1] + b"!")),
    ):
        with pytest.raises(DeliveryFailed) as failed:
            upload(courier, wrong)
        assert failed.value.category is FailureCategory.INTEGRITY
    assert courier.size(PATH) is None
    with pytest.raises(DeliveryFailed):
        courier.publish(PATH)


def test_it_stops_between_blocks_when_asked_to(assets: LocalAssets) -> None:
    assets.put([DATA])
    with pytest.raises(Stopped):
        upload(PullCourier(assets, lambda id: ()), outgoing(assets), lambda: False)


def test_what_the_log_says_to_be_offered_stands_for_a_new_connection(assets: LocalAssets) -> None:
    stored = assets.put([DATA])
    asked: list[str] = []

    def published(message_id: str) -> list[dict[str, object]]:
        asked.append(message_id)
        return [{"path": PATH, "size": stored.size, "sha256": stored.sha256}]

    courier = PullCourier(assets, published)
    assert courier.size(PATH) == len(DATA)
    assert courier.size("a1.7/another.wav") is None
    assert set(asked) == {"a1.7"}
    assert courier.fetch(PATH, len(DATA)) == DATA
    with pytest.raises(DeliveryFailed):
        courier.fetch(PATH, 10)
    with pytest.raises(DeliveryFailed):
        courier.fetch("a1.7/another.wav", 10)
