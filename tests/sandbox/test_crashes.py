"""What the ingestion remembers, and what a crash or a full disk leaves to the next pass."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.sandbox.house import AVAILABLE, INGESTED, House
from tests.sandbox.packages import Package

from deadwax.infrastructure.sandbox.folders import Folders
from deadwax.infrastructure.sandbox.journal import Journal


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_what_was_seen_is_remembered_over_a_restart(house: House) -> None:
    house.receive(Package())
    house.restart()
    house.receive(Package())
    assert len(house.journal("ingested")) == len(house.journal("duplicate")) == 1
    assert len(house.journal("published")) == 1


class Crash(BaseException):
    pass


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("owner", "step", "times"),
    [
        (Journal, "append", 4),
        (Folders, "stage", 1),
        (Folders, "consume", 1),
        (Folders, "publish", 1),
        (Folders, "acknowledge", 2),
    ],
)
def test_a_crash_anywhere_publishes_and_acknowledges_once(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    step: str,
    times: int,
    after: bool,
) -> None:
    """A pass makes each step so many `times`; it is killed before or after each of them."""
    for nth in range(1, times + 1):
        Package(batch_id=f"2026010203040500{nth}", message_id=f"M{nth}").write(house.folders.upload)
        with monkeypatch.context() as patch:
            patch.setattr(owner, step, crashing(getattr(owner, step), nth, after))
            with pytest.raises(Crash):
                house.run()
        house.restart()
        house.run()
    assert len(house.journal("ingested")) == len(house.journal("published")) == times
    assert len(house.journal("consumed")) == times
    assert house.journal("duplicate", "rejected") == []
    assert house.statuses() == [INGESTED, AVAILABLE] * times
    assert len(list(house.folders.archive.iterdir())) == times
    house.receive(Package(batch_id="20260102030405001", message_id="M1"))
    assert len(house.journal("duplicate")) == 1


def crashing(real: Callable[..., object], nth: int, after: bool) -> Callable[..., object]:
    """`real`, and a Crash before or after its nth call."""
    calls = itertools.count(1)

    def step(*arguments: object, **named: object) -> object:
        is_last = next(calls) == nth
        if is_last and not after:
            raise Crash
        result = real(*arguments, **named)
        if is_last:
            raise Crash
        return result

    return step


def test_half_a_line_left_by_a_crash_is_forgotten(house: House) -> None:
    house.receive(Package())
    whole = house.folders.journal.read_bytes()
    with house.folders.journal.open("ab") as journal:
        journal.write(b'{"event": "inges')
    house.restart()
    assert house.folders.journal.read_bytes() == whole
    house.receive(Package(batch_id="20260102030405001", message_id="M2"))
    assert len(house.journal("ingested")) == 2


def test_a_pass_that_cannot_write_is_repeated(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    Package().write(house.folders.upload)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _no_space)
        with pytest.raises(OSError, match="space"):
            house.run()
    house.restart()
    house.run()
    assert house.statuses() == [INGESTED, AVAILABLE]
    assert len(house.journal("published")) == 1


def _no_space(_: int) -> None:
    raise OSError(28, "No space left on device")
