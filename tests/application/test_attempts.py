"""One attempt after the other: by which way, what is left behind, and what attests it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.application.office import DAY, Office, paths

from deadwax.application.errors import DeliveryFailed, NotFound
from deadwax.application.gate import WaitReason
from deadwax.application.receipts import canonical, read_receipt
from deadwax.domain.cause import Cause, acting
from deadwax.domain.choreography import Gathering
from deadwax.domain.delivery_policy import DeliveryPolicy, Override
from deadwax.domain.distribution import Distribution
from deadwax.domain.distribution_events import AttemptFailed, MessageComposed, UploadStarted
from deadwax.domain.distribution_state import ALONE_AFTER, MOST_DEATHS
from deadwax.domain.failures import FailureCategory, Recovery, Strategy
from deadwax.domain.states import Status
from deadwax.infrastructure.signing import is_signed

SENT = Status.PROCESSING_BY_PLATFORM
EXPIRED = DeliveryFailed(FailureCategory.AUTH_EXPIRED, "The token is over.")
FULL = DeliveryFailed(FailureCategory.QUOTA_EXCEEDED, "The disk is full.")


@pytest.fixture(autouse=True)
def acted() -> Iterator[None]:
    with acting(Cause(uuid4(), "key:test", "c")):
        yield


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def _events(office: Office, id: UUID, kind: type) -> list[Any]:
    return [e for e in office.catalogue._log.load(id) if isinstance(e, kind)]


def _routes(office: Office, id: UUID) -> list[str]:
    return [event.route for event in _events(office, id, UploadStarted)]


# -- by which way


def test_everything_stands_at_the_target_and_was_compared(office: Office) -> None:
    d = office.advance(office.queued())
    assert d.status is SENT
    assert office.standing() == paths(d)
    sent = d.last_event.evidence  # type: ignore[attr-defined]
    how = {file["path"]: file["verified"] for file in sent["files"]}
    completing = d.message["files"][-1]["path"]  # type: ignore[index]
    assert how.pop(completing) is None, "it is published by one step, when all others were seen"
    assert set(how.values()) == {"sha256"}
    assert sent["route"] == "primary"


def test_the_other_way_is_taken_at_once_where_the_first_fails(office: Office) -> None:
    id = office.queued()
    office.down = {"primary"}
    first = office.advance(id)
    assert (first.status, first.recovery) == (Status.RETRYING, Recovery.ALTERNATIVE_ROUTE)
    second = office.advance(id)
    assert second.status is SENT
    assert _routes(office, id) == ["primary", "fallback"]
    assert office.standing("fallback") == paths(second)
    assert second.route == "primary", "the next message goes the usual way again"


def test_both_ways_take_turns(office: Office) -> None:
    id = office.queued()
    office.down = {"primary", "fallback"}
    for _ in range(3):
        office.advance(id)
    office.down = set()
    assert office.advance(id).status is SENT
    assert _routes(office, id) == ["primary", "fallback", "primary", "fallback"]


def test_what_was_brought_by_the_way_that_is_left_is_removed(office: Office) -> None:
    id = office.queued()
    with office.failing("upload N_1/BatchComplete"):
        office.advance(id)
    assert len(office.standing()) == 3
    d = office.advance(id)
    assert d.status is SENT
    assert office.standing() == set()
    assert office.standing("fallback") == paths(d)


def test_a_way_that_is_down_does_not_keep_the_other_from_being_taken(office: Office) -> None:
    id = office.queued()
    with office.failing("upload N_1/BatchComplete"):
        office.advance(id)
    left = office.standing()
    office.down = {"primary"}
    assert office.advance(id).status is SENT
    assert office.standing() == left, "nobody could remove it"
    assert "leftovers_stay" in {what for what, _ in office.said}


def test_without_another_way_it_is_tried_again_by_the_same(tmp_path: Path) -> None:
    office = Office(tmp_path, fallback=False)
    id = office.queued()
    with office.failing("publish"):
        d = office.advance(id)
    assert d.recovery == Recovery.EXPONENTIAL
    assert office.advance(id).status is SENT
    assert _routes(office, id) == ["primary", "primary"]


def test_once_publishing_began_only_the_same_way_is_taken(office: Office) -> None:
    """The other side may have it: that is looked into where it was sent."""
    id = office.queued()
    with office.failing("publish N_1/BatchComplete"):
        assert office.advance(id).status is Status.OUTCOME_UNKNOWN
    assert office.advance(id).status is Status.QUEUED
    with office.failing("upload N_1/BatchComplete"):
        assert office.advance(id).recovery == Recovery.EXPONENTIAL
    assert office.advance(id).status is SENT
    assert set(_routes(office, id)) == {"primary"}


def test_an_outcome_is_looked_for_where_it_was_sent(office: Office) -> None:
    id = office.queued()
    office.down = {"primary"}
    office.advance(id)

    def published_and_lost(step: str) -> None:
        if step.startswith("publish N_1/BatchComplete"):
            top = office.home / "top" / "fallback" / "N_1"
            (top / "BatchComplete.xml.part").rename(top / "BatchComplete.xml")
            raise DeliveryFailed(FailureCategory.NETWORK_TIMEOUT, "No answer.")

    office.step = published_and_lost
    assert office.advance(id).status is Status.OUTCOME_UNKNOWN
    office.step = lambda step: None
    assert office.advance(id).status is SENT
    assert office.standing() == set()


def test_new_credentials_are_fetched_where_the_old_ones_are_over(office: Office) -> None:
    id = office.queued()
    with office.failing("upload", EXPIRED):
        assert office.advance(id).recovery == Recovery.REFRESH_CREDENTIALS
    assert office.advance(id).status is SENT
    assert office.opened == [("primary", False), ("primary", True)]
    assert not office[id].recovery


def test_a_target_has_its_own_strategies(tmp_path: Path) -> None:
    own = Override(
        category=FailureCategory.QUOTA_EXCEEDED,
        strategy=Strategy(recovery=Recovery.NEEDS_A_PERSON),
    )
    office = Office(tmp_path, DeliveryPolicy(strategies=(own,)))
    id = office.queued()
    with office.failing("upload", FULL):
        assert office.advance(id).status is Status.NEEDS_ATTENTION
    (failed,) = _events(office, id, AttemptFailed)
    assert (failed.strategy, failed.advice, failed.retry_at) == (
        "needs_a_person",
        "make_room",
        None,
    )


# -- files in parallel, and what ends them


@pytest.mark.parametrize("cap", [None, 64 << 20])
def test_several_connections_share_a_large_delivery(tmp_path: Path, cap: int | None) -> None:
    policy = DeliveryPolicy(connections=3, bytes_per_second=cap)
    office = Office(tmp_path, policy, sizes=[3 << 20] * 4)
    d = office.advance(office.queued())
    assert d.status is SENT
    assert office.standing() == paths(d)
    assert len(office.opened) == 3


def test_the_message_goes_after_its_resources_and_the_manifest_last(tmp_path: Path) -> None:
    office = Office(tmp_path, DeliveryPolicy(connections=4), sizes=[2 << 20] * 6)
    steps: list[str] = []
    office.step = steps.append
    office.advance(office.queued())
    kinds = [step.rpartition("/")[2].partition(".")[0] for step in steps]
    published = [kind for step, kind in zip(steps, kinds, strict=True) if "publish" in step]
    assert published[6:] == ["message", "BatchComplete"]
    last_looks = [n for n, step in enumerate(steps) if step.startswith("verify")]
    assert len(last_looks) == 7
    assert max(last_looks) < kinds.index("BatchComplete")


def test_a_failure_ends_all_connections(tmp_path: Path) -> None:
    office = Office(tmp_path, DeliveryPolicy(connections=4), sizes=[4 << 20] * 8)
    id = office.queued()
    with office.failing("publish"):
        assert office.advance(id).status is Status.RETRYING
    assert not any(path.endswith(".wav") for path in office.standing())
    assert office[id].failures == 1


def test_what_differs_at_the_target_is_sent_again(office: Office) -> None:
    id = office.queued()

    def damaged(step: str) -> None:
        if step.startswith("verify") and "/0.wav" in step:
            (office.home / "top" / "primary" / step.split(" ")[1]).write_bytes(b"xyz")
            office.step = lambda step: None

    office.step = damaged
    d = office.advance(id)
    assert (d.status, d.recovery) == (Status.RETRYING, Recovery.IMMEDIATE)
    assert office.advance(id).status is SENT
    assert office.standing() == paths(d)


def test_nothing_is_completed_that_differs(tmp_path: Path) -> None:
    office = Office(tmp_path, fallback=False)
    id = office.queued()
    with office.failing("verify", DeliveryFailed(FailureCategory.INTEGRITY, "Other bytes.")):
        for _ in range(3):
            office.advance(id)
    assert office[id].status is Status.FAILED
    assert not any("BatchComplete" in path for path in office.standing())


# -- what is left behind


def test_a_message_that_does_not_stand_any_more_is_taken_away(office: Office) -> None:
    id = office.queued()
    with office.failing("upload N_1/BatchComplete", FULL):
        before = office.advance(id).message
    office.composing.stands = False
    d = office.advance(id)
    assert d.status is SENT
    assert office.standing() == paths(d)
    first, second = _events(office, id, MessageComposed)
    assert before
    assert (first.message["supersedes"], second.message["supersedes"]) == (None, before["id"])


def test_a_frozen_worker_finds_nothing_to_publish_of_a_message_that_was_replaced(
    office: Office,
) -> None:
    id = office.queued()
    with office.failing("publish N_1/BatchComplete"):
        office.advance(id)
    assert office.advance(id).status is Status.QUEUED, "looked for, and not published"
    office.composing.stands = False
    d = office.advance(id)
    assert d.status is SENT
    assert office.standing() == paths(d), "nothing of the first batch, least of all its manifest"


def test_what_was_published_after_all_is_not_sent_anew(office: Office) -> None:
    """A worker that was frozen between its last look at the lease and its last rename."""
    id = office.queued()
    with office.failing("publish N_1/BatchComplete"):
        office.advance(id)
    assert office.advance(id).status is Status.QUEUED
    top = office.home / "top" / "primary" / "N_1"
    (top / "BatchComplete.xml.part").rename(top / "BatchComplete.xml")
    office.composing.stands = False
    assert office.advance(id).status is Status.OUTCOME_UNKNOWN
    d = office.advance(id)
    assert d.status is SENT
    assert office.composing.batches == 1
    assert d.last_event.evidence["found"] == "manifest"  # type: ignore[attr-defined]


def test_another_message_waits_until_the_first_one_surely_cannot_be_published(
    office: Office,
) -> None:
    id = office.queued()
    with office.failing("publish N_1/BatchComplete"):
        office.advance(id)
    office.advance(id)
    office.composing.stands = False
    office.down = {"primary"}
    assert office.advance(id).status is Status.RETRYING
    assert office.composing.batches == 1
    office.down = set()
    assert office.advance(id).status is SENT


def test_what_an_earlier_message_was_published_with_stays(office: Office) -> None:
    id = office.queued()
    first = office.advance(id)
    kept = {path for path in paths(first) if path.endswith("0.wav")}
    office.change(id, lambda d: d.acknowledge(d.message["id"], "live", {"sha256": "f"}))
    office.change(id, lambda d: d.request_update("a new cover"))

    def again(d: Distribution) -> None:
        """An update of which one path is that of the first message."""
        token = d.start_attempt("earlier", d.created_on)
        shared = [file for file in first.message["files"] if file["path"] in kept]  # type: ignore[index]
        new = {"path": "N_1/new.xml", "role": "message", "sha256": "0", "size": 1}
        d.compose(token, {"id": "m2", "kind": "update", "batch": [], "files": [*shared, new]})
        d.start_upload(token)
        d.give_back(token, "stopped")

    office.change(id, again)
    assert office.advance(id).status is SENT
    assert kept <= office.standing()
    assert "leftovers_removed" in {what for what, _ in office.said}


# -- what ends its workers


def _die(office: Office, id: UUID) -> None:
    """A worker takes it and goes silent."""
    office.change(id, lambda d: d.start_attempt("doomed", d.created_on))
    office.deliveries.reclaim(id, office[id].token)


@pytest.fixture
def days_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """All that was to be waited for is over."""
    later = datetime.now(UTC) + 10 * timedelta(seconds=DAY)
    return lambda: monkeypatch.setattr("deadwax.domain.clock.now", lambda: later)


def test_what_ends_its_workers_again_and_again_is_left_to_a_person(office: Office) -> None:
    id, other = office.queued(), office.queued()
    for _ in range(MOST_DEATHS - 1):
        _die(office, id)
        assert office[id].status is Status.QUEUED
    _die(office, id)
    assert office[id].status is Status.NEEDS_ATTENTION
    assert office.advance(other).status is SENT
    office.change(id, Distribution.retry)
    office.advance(id)
    assert office.advance(id).status is SENT


def test_an_attempt_that_ends_otherwise_begins_the_count_anew(
    office: Office, days_later: Callable[[], None]
) -> None:
    id = office.queued()
    for _ in range(MOST_DEATHS - 1):
        _die(office, id)
    days_later()
    with office.failing("upload", FULL):
        office.advance(id)
    _die(office, id)
    assert office.advance(id).status is SENT


def test_what_may_end_its_workers_goes_alone(
    tmp_path: Path, days_later: Callable[[], None]
) -> None:
    office = Office(tmp_path, gathering=Gathering(most=3, seconds=0))
    ids = [office.queued() for _ in range(3)]
    for _ in range(ALONE_AFTER):
        _die(office, ids[1])
    office.advance(ids[0])
    assert [office[id].status for id in ids] == [SENT, Status.QUEUED, SENT]
    days_later()
    assert office.advance(ids[1]).message["batch"] == [ids[1].hex]  # type: ignore[index]


def test_members_of_a_batch_that_breaks_within_us_are_tried_alone(tmp_path: Path) -> None:
    office = Office(tmp_path, fallback=False, gathering=Gathering(most=3, seconds=0))
    ids = [office.queued() for _ in range(3)]

    def breaks(step: str) -> None:
        if ids[1].hex in step:
            raise KeyError("a fault of ours")

    office.step = breaks
    for id in (*ids, *ids, *ids):
        office.advance(id)
    assert [office[id].status for id in ids] == [SENT, Status.FAILED, SENT]


# -- receipts


def test_a_receipt_attests_each_delivery(office: Office) -> None:
    d = office.advance(office.queued())
    assert d.message is not None
    log: Any = office.catalogue._log
    kept, document = read_receipt(log, office.assets, d.id, d.message["id"])
    assert is_signed(canonical(document), kept.signature, document["key"]["public_key"])
    assert kept.key == office.signer.key().id
    assert document["established"] == "published"
    assert document["endpoint"] == "folder:primary"
    assert {(f["path"], f["size"], f["sha256"]) for f in document["files"]} == {
        (f["path"], f["size"], f["sha256"]) for f in d.message["files"]
    }
    assert {found["path"] for found in document["listing"]} == paths(d)
    assert document["started_at"] < document["published_at"] < document["confirmed_at"]
    assert json.loads(canonical(document)) == document


def test_a_receipt_of_what_was_found_says_so(office: Office) -> None:
    id = office.queued()

    def lost(step: str) -> None:
        if step.startswith("publish N_1/BatchComplete"):
            top = office.home / "top" / "primary" / "N_1"
            (top / "BatchComplete.xml.part").rename(top / "BatchComplete.xml")
            raise DeliveryFailed(FailureCategory.NETWORK_TIMEOUT, "No answer.")

    office.step = lost
    office.advance(id)
    d = office.advance(id)
    assert d.message is not None
    log: Any = office.catalogue._log
    _, document = read_receipt(log, office.assets, id, d.message["id"])
    assert document["established"] == "manifest"
    assert document["published_at"] is None
    assert document["bytes_sent"] is None
    assert {f["verified"] for f in document["files"]} == {"sha256"}


def test_each_of_a_batch_has_a_receipt_of_its_own_files(tmp_path: Path) -> None:
    office = Office(tmp_path, gathering=Gathering(most=2, seconds=0))
    ids = [office.queued(), office.queued()]
    office.advance(ids[0])
    log: Any = office.catalogue._log
    for id in ids:
        message = office[id].message
        assert message is not None
        _, document = read_receipt(log, office.assets, id, message["id"])
        listed = {found["path"] for found in document["listing"]}
        assert listed == {f["path"] for f in document["files"]} == paths(office[id])
        assert document["batch"] == sorted(id.hex for id in ids)


def test_a_fallback_that_is_gone_is_told_to_a_person(office: Office) -> None:
    id = office.queued()
    office.down = {"primary"}
    office.advance(id)
    with office.failing("publish N_1/BatchComplete"):
        office.advance(id)
    office.down = set()
    assert office.advance(id).status is Status.QUEUED
    office.amend(lambda settings: replace(settings, fallback=None))
    assert office.advance(id).status is Status.NEEDS_ATTENTION


def test_a_batch_that_was_found_unsent_goes_on_as_it_is(tmp_path: Path) -> None:
    office = Office(tmp_path, gathering=Gathering(most=3, seconds=0))
    ids = [office.queued() for _ in range(3)]
    with office.failing("publish N_1/BatchComplete"):
        office.advance(ids[0])
    for id in ids:
        assert office.advance(id).status is Status.QUEUED
    office.advance(ids[1])
    assert [office[id].status for id in ids] == [SENT] * 3
    assert office.composing.batches == 1


def test_an_answer_that_comes_as_it_is_given_up_counts(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = office.queued()
    office.advance(id)
    save = office.catalogue.save

    def answered_first(*roots: Any) -> int:
        monkeypatch.undo()
        office.change(id, lambda d: d.acknowledge(d.message["id"], "live", {"sha256": "f"}))
        return save(*roots)

    later = office[id].since + timedelta(days=2)
    monkeypatch.setattr("deadwax.application.deliver.clock.now", lambda: later)
    monkeypatch.setattr(office.catalogue, "save", answered_first)
    office.deliveries.give_up_waiting(id)
    assert office[id].status is Status.LIVE


def test_what_a_look_cannot_compare_is_told_to_a_person_in_the_end(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own copy of what was sent is gone: that cannot be waited for without an end."""
    id = office.queued()
    with office.failing("publish N_1/BatchComplete"):
        office.advance(id)
    top = office.home / "top" / "primary" / "N_1"
    (top / "BatchComplete.xml.part").rename(top / "BatchComplete.xml")
    with office.failing("verify", NotFound("asset", "f")):
        monkeypatch.setattr("deadwax.application.reconcile._SMALL", 0)
        later = office[id].since + timedelta(days=2)
        monkeypatch.setattr("deadwax.application.deliver.clock.now", lambda: later)
        assert office.advance(id).status is Status.NEEDS_ATTENTION


def test_all_of_a_batch_go_on_where_one_was_changed_as_it_ended(tmp_path: Path) -> None:
    office = Office(tmp_path, gathering=Gathering(seconds=0, most=5))
    ids = [office.queued(), office.queued()]

    def cancelled(step: str) -> None:
        if step.startswith("upload"):
            office.step = lambda step: None
            office.change(ids[0], lambda d: d.cancel("No."))
            raise FULL

    office.step = cancelled
    office.advance(ids[0])
    assert [office[id].status for id in ids] == [Status.CANCELLED, Status.QUEUED]
    assert office[ids[1]].deaths == 0


def test_what_cannot_be_validated_by_a_fault_of_ours_is_told_to_a_person_in_the_end(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = office.queued()
    other = Distribution.request(office[id].release_id, uuid4(), "test", None)
    office.catalogue.save(other)

    def broken(d: Distribution) -> None:
        raise KeyError("tracks")

    monkeypatch.setattr(office.composing, "rehearse", broken)
    with pytest.raises(KeyError):
        office.advance(other.id)
    assert office[other.id].status is Status.CREATED
    later = other.since + timedelta(minutes=11)
    monkeypatch.setattr("deadwax.application.deliver.clock.now", lambda: later)
    d = office.advance(other.id)
    assert d.status is Status.NEEDS_ATTENTION
    assert d.last_event.problems[0]["code"] == "validation_broke"  # type: ignore[attr-defined]


def test_what_died_with_its_workers_is_tried_apart_from_what_was_with_it(
    office: Office, days_later: Callable[[], None]
) -> None:
    """One of them may be what ends the workers: at different times it takes no other with it."""
    ids = [office.queued(), office.queued()]
    for id in ids:
        for _ in range(ALONE_AFTER):
            _die(office, id)
    waits = [office.deliveries.advance(id, lambda: True) for id in ids]
    assert [w.reason for w in waits if w] == [WaitReason.APART] * 2
    assert len({w.seconds for w in waits if w}) == 2
    days_later()
    for id in ids:
        assert office.advance(id).status is SENT
