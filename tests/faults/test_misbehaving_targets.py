"""An SFTP server that refuses, hangs, drops out or lies: the operator sees why, the delivery
waits, resumes, and is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncssh
import pytest
from tests.faults.rig import BACKGROUND, Rig

from deadwax.domain.addresses.ssh import HostKey, SftpAddress
from deadwax.infrastructure.couriers.fault_proxy import Behaviour, FaultProxy

pytestmark = pytest.mark.faults

_MIDDLE = 700_000  # bytes: in the middle of the first track


def failures(rig: Rig, id: UUID) -> list[Any]:
    return [event for event in rig.events(id) if event.TOPIC == "distribution.attempt_failed"]


def assert_delivered_once(rig: Rig, id: UUID) -> None:
    assert len(rig.journal("ingested")) == 1
    assert rig.journal("duplicate", "rejected") == []
    assert rig.topics(id).count("distribution.message_composed") == 1


@pytest.mark.parametrize(
    ("behaviour", "after", "category"),
    [
        pytest.param(Behaviour.REFUSE, 0, "network_connectivity", id="refuses"),
        pytest.param(Behaviour.HANG, 0, "network_timeout", id="hangs"),
        pytest.param(Behaviour.CUT, _MIDDLE, "network_connectivity", id="closes mid-file"),
        pytest.param(Behaviour.FREEZE, _MIDDLE, "network_timeout", id="freezes mid-file"),
        pytest.param(Behaviour.SWALLOW, _MIDDLE, "network_timeout", id="half-open mid-file"),
    ],
)
def test_a_server_that_misbehaves_for_a_while(
    rig: Rig, behaviour: Behaviour, after: int, category: str
) -> None:
    with FaultProxy(rig.dsp.host, rig.dsp.port) as proxy:
        proxy.behave(behaviour, after)
        rig.start("worker", *BACKGROUND)
        id = rig.distribute(proxy.host, proxy.port)
        rig.wait_until(lambda: bool(failures(rig, id)), "an attempt failed")
        proxy.behave(Behaviour.PASS)
        rig.wait_for(id, "live")
    for failed in failures(rig, id):
        assert (failed.category, failed.strategy) == (category, "exponential")
        assert failed.retry_at
    assert_delivered_once(rig, id)


def test_a_connection_that_crawls_is_no_failure(rig: Rig) -> None:
    """It takes longer than two leases and two stalls: as long as bytes move it goes on."""
    with FaultProxy(rig.dsp.host, rig.dsp.port) as proxy:
        proxy.behave(Behaviour.CRAWL, 300_000)
        rig.start("worker", *BACKGROUND)
        id = rig.distribute(proxy.host, proxy.port)
        rig.wait_for(id, "live")
    assert rig.topics(id).count("distribution.attempt_started") == 1
    (sent,) = (event for event in rig.events(id) if event.TOPIC == "distribution.sent")
    assert float(sent.evidence["seconds"]) > 4
    assert_delivered_once(rig, id)


# -- what a server does to files

Methods = dict[str, Callable[..., Any]]


def _raises(error: Exception) -> Callable[..., Any]:
    def method(*_: Any, **__: Any) -> Any:
        raise error

    return method


def _no_room(*_: Any) -> os.statvfs_result:
    return os.statvfs_result((4096, 4096, 1000, 0, 0, 10, 10, 10, 0, 255))


def _lose(self: object, file: object, offset: int, data: bytes) -> int:
    return len(data)


@dataclass(frozen=True)
class Disk:
    """`does` instead of what the server's file system would; `ends` is where it leads while it
    does so, with `failed` attempts of `category`."""

    does: Methods
    category: str
    strategies: tuple[str, ...]
    advice: str
    ends: str


_REFUSED = asyncssh.SFTPFailure("Failure")
DISKS = {
    "full": Disk(
        {"write": _raises(_REFUSED), "statvfs": _no_room},
        "quota_exceeded",
        ("exponential", "exponential", "needs_a_person"),
        "make_room",
        "failed",
    ),
    "permission denied": Disk(
        {"open": _raises(asyncssh.SFTPPermissionDenied("Permission denied"))},
        "permission_denied",
        ("needs_a_person",),
        "ask_for_permission",
        "needs_attention",
    ),
    "rename refused": Disk(
        {"rename": _raises(_REFUSED), "posix_rename": _raises(_REFUSED)},
        "permission_denied",
        ("needs_a_person",),
        "ask_for_permission",
        "needs_attention",
    ),
    "bytes lost": Disk(
        {"write": _lose},
        "integrity",
        ("immediate", "immediate", "needs_a_person"),
        "compare_files",
        "failed",
    ),
}


@pytest.mark.parametrize("name", DISKS)
def test_a_disk_that_takes_no_files_is_told_and_tried_again_when_it_was_mended(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    disk = DISKS[name]
    rig.start("worker", *BACKGROUND)
    with monkeypatch.context() as broken:
        for method, instead in disk.does.items():
            broken.setattr(asyncssh.SFTPServer, method, instead)
        id = rig.distribute()
        rig.wait_for(id, disk.ends)
    seen = [(f.category, f.strategy, f.advice) for f in failures(rig, id)]
    assert seen == [(disk.category, strategy, disk.advice) for strategy in disk.strategies]
    assert rig.journal("ingested") == []
    with rig.acting():
        rig.container.distributions.retry(id)
    rig.wait_for(id, "live")
    assert_delivered_once(rig, id)


def test_an_impostor_is_sent_nothing_until_a_person_decided(rig: Rig) -> None:
    right = rig.settings()
    assert isinstance(right.address, SftpAddress)
    other = HostKey(asyncssh.generate_private_key("ssh-ed25519").get_fingerprint())
    target = rig.open_target(replace(right, address=replace(right.address, host_key=other)))
    rig.start("worker", *BACKGROUND)
    id = rig.distribute(target=target)
    rig.wait_for(id, "needs_attention")
    assert [(f.category, f.strategy) for f in failures(rig, id)] == [
        ("auth_invalid", "needs_a_person")
    ]
    assert rig.dsp.fingerprint in failures(rig, id)[0].detail
    with rig.acting():
        rig.container.targets.amend(target, right, None)
        rig.container.distributions.retry(id)
    rig.wait_for(id, "live")
    assert len(rig.journal("ingested")) == 1


@pytest.mark.parametrize("left", [".part", ""], ids=["parts", "files at their places"])
def test_what_was_left_truncated_is_made_whole_or_told(rig: Rig, left: str) -> None:
    """A file at its very place is nothing that we leave truncated: it is not replaced, for who
    knows whose it is."""
    rig.start(*BACKGROUND)
    doomed = rig.start_crashing("worker", "before the first upload")
    id = rig.distribute()
    assert doomed.wait(timeout=60) == -9, rig.evidence()
    message = rig.distribution(id).message
    assert message
    upload = Path(rig.dsp.describe()["upload"])
    places = [upload / (file["path"] + left) for file in message["files"][:-1]]
    for place, file in zip(places, message["files"], strict=False):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"\0" * (file["size"] // 2))
    rig.start("worker")
    if not left:
        rig.wait_for(id, "failed")
        assert {failed.category for failed in failures(rig, id)} == {"integrity"}
        assert any(place.name in failures(rig, id)[-1].detail for place in places)
        for place in places:
            place.unlink()
        with rig.acting():
            rig.container.distributions.retry(id)
    rig.wait_for(id, "live")
    assert_delivered_once(rig, id)


# -- acknowledgements


def test_the_same_acknowledgement_twice_and_late_changes_nothing(rig: Rig) -> None:
    rig.start("worker", *BACKGROUND)
    id = rig.distribute()
    rig.wait_for(id, "live")
    folder = Path(rig.dsp.describe()["upload"]) / "acknowledgements"
    for file in sorted(folder.glob("ACK_*.xml")):
        shutil.copy(file, file.with_name(file.stem + "0.xml"))
    rig.take_down(id)
    removed = rig.wait_for(id, "removed")
    before = len(rig.topics(id))
    for file in sorted(folder.glob("ACK_*.xml")):
        shutil.copy(file, file.with_name(file.stem + "1.xml"))
    rig.container.follow_up.poll(removed.target_id)
    assert rig.unread_files() == 0
    assert rig.distribution(id).status == "removed"
    assert len(rig.topics(id)) == before
    assert removed.kind == "takedown"


def test_acknowledgements_in_the_wrong_order_lead_to_the_same_end(rig: Rig) -> None:
    """The last that was said comes first, and everything twice."""
    rig.environ["DEADWAX_POLL_SECONDS"] = "3600"
    rig.start("worker", "dispatcher", "projector")
    id = rig.distribute()
    folder = Path(rig.dsp.describe()["upload"]) / "acknowledgements"

    def answered() -> list[Path]:
        return sorted(folder.glob("ACK_*.xml"))

    rig.wait_until(lambda: len(answered()) == 2, "the platform has answered twice")
    rig.wait_for(id, "processing_by_platform")
    accepted, live = answered()
    first, second = accepted.read_bytes(), live.read_bytes()
    accepted.write_bytes(second)
    live.write_bytes(first)
    for file in (accepted, live):
        shutil.copy(file, file.with_name(file.stem + "9.xml"))
    rig.container.follow_up.poll(rig.distribution(id).target_id)
    assert rig.unread_files() == 0
    assert rig.distribution(id).status == "live"
    assert rig.topics(id).count("distribution.went_live") == 1
