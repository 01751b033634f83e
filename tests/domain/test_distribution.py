"""Every move of the state table by a command, every other refused; then what needs telling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from deadwax.domain.adapted import Adapted
from deadwax.domain.aggregate import Event
from deadwax.domain.distribution import Distribution
from deadwax.domain.distribution_state import MOST_DEATHS
from deadwax.domain.errors import DomainError, IllegalTransition, LeaseLost, Problem, Refused
from deadwax.domain.failures import STRATEGIES, FailureCategory
from deadwax.domain.priority import Priority
from deadwax.domain.states import AT_WORK, MOVES, Status
from deadwax.domain.texts import Moment

RELEASE, TARGET = UUID(int=1), UUID(int=2)
NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
EVE = NOON - timedelta(days=1)
EVIDENCE = {"endpoint": "sftp://sftp.example.com:22", "files": [], "bytes": 9, "seconds": "1.0"}

Step = Callable[[Distribution], object]
History = tuple[Step, ...]


def given(*steps: Step) -> Distribution:
    """A distribution wanted from NOON on, after `steps`, with nothing left to store."""
    distribution = Distribution.request(RELEASE, TARGET, "live", NOON)
    for step in steps:
        step(distribution)
    distribution.collect_events()
    return distribution


def then(distribution: Distribution) -> list[str]:
    """What the commands since `given` would store."""
    return [topic(event) for event in distribution.collect_events()]


def topic(event: Any) -> str:
    assert isinstance(event, Event)
    return event.TOPIC.removeprefix("distribution.")


def message(id: str, kind: str = "initial") -> dict[str, Any]:
    return {"id": id, "kind": kind, "icpn": "5901234123457", "files": []}


# -- commands, by short names


def validate(d: Distribution) -> None:
    d.start_validation()


def passed(d: Distribution) -> None:
    d.pass_validation(NOON)


def passed_early(d: Distribution) -> None:
    d.pass_validation(EVE)


def due(d: Distribution) -> None:
    d.come_due()


def attention(d: Distribution) -> None:
    d.need_attention(FailureCategory.METADATA_INVALID, [Problem("x_missing", "x", "x is missing.")])


def start(d: Distribution) -> None:
    d.start_attempt("worker-1", NOON + timedelta(minutes=1))


def compose(id: str) -> Step:
    return lambda d: d.compose(d.token, message(id, d.kind))


def upload(d: Distribution) -> None:
    d.start_upload(d.token)


def publish(d: Distribution) -> None:
    d.start_publishing(d.token)


def confirm(d: Distribution) -> None:
    d.confirm_sent(d.token, EVIDENCE, expects_answer=True)


def confirm_for_good(d: Distribution) -> None:
    d.confirm_sent(d.token, EVIDENCE, expects_answer=False)


def fail(category: FailureCategory = FailureCategory.UNKNOWN) -> Step:
    """There is always another form of the audio left to try."""
    later, other = NOON + timedelta(hours=1), Adapted("wav", "flac")
    return lambda d: d.fail_attempt(d.token, category, "It broke.", later, adapted=other)


def stop(d: Distribution) -> None:
    d.give_back(d.token, "stopped")


def found_sent(d: Distribution) -> None:
    d.found_sent({"found": "manifest"}, expects_answer=True)


def found_sent_for_good(d: Distribution) -> None:
    d.found_sent({"found": "manifest"}, expects_answer=False)


def found_unsent(d: Distribution) -> None:
    d.found_unsent()


def answer(outcome: str, id: str = "m1", file: str = "") -> Step:
    return lambda d: d.acknowledge(id, outcome, {"sha256": file or f"{id}-{outcome}"})


def retry(d: Distribution) -> None:
    d.retry()


def update(d: Distribution) -> None:
    d.request_update("a corrected title")


def take_down(d: Distribution) -> None:
    d.request_takedown("rights were lost")


def take_down_later(d: Distribution) -> None:
    d.request_takedown("the licence ends", Moment("2031-06-01"))


def unchanged(d: Distribution) -> None:
    d.drop_update(d.token)


def purge(d: Distribution) -> None:
    d.request_purge("uploaded by mistake", "5901234123457")


def cancel(d: Distribution) -> None:
    d.cancel("a mistake")


def suspend(d: Distribution) -> None:
    d.suspend("a dispute")


def resume(d: Distribution) -> None:
    d.resume()


def renew(d: Distribution) -> None:
    d.renew(NOON)


# -- histories: how a distribution comes to where the moves start

QUEUED: History = (validate, passed)
SCHEDULED: History = (validate, passed_early)
INVALID: History = (validate, attention)
PREPARING: History = (*QUEUED, start)
COMPOSED: History = (*PREPARING, compose("m1"))
UPLOADING: History = (*COMPOSED, upload)
PUBLISHING: History = (*UPLOADING, publish)
PROCESSING: History = (*PUBLISHING, confirm)
RETRYING: History = (*PREPARING, fail())
LAST_TRY: History = (*RETRYING, start, fail(), start)
LAST_UPLOAD: History = (*LAST_TRY, compose("m1"), upload)
FAILED: History = (*LAST_TRY, fail())
STUCK: History = (*COMPOSED, attention)
SILENT: History = (*PROCESSING, attention)
UNKNOWN: History = (*PUBLISHING, stop)
UNKNOWN_AGAIN: History = (
    *(*UNKNOWN, found_unsent, start, upload, publish, stop),
    *(found_unsent, start, upload, publish, stop),
)
UNKNOWN_FAILED: History = (*UNKNOWN_AGAIN, found_unsent)
UNRESOLVED: History = (*UNKNOWN, attention)
DISTRIBUTED: History = (*PROCESSING, answer("accepted"))
LIVE: History = (*PROCESSING, answer("live"))
REJECTED: History = (*PROCESSING, answer("rejected"))
CANCELLED: History = (*QUEUED, cancel)
SUSPENDED: History = (*QUEUED, suspend)

UPDATING: History = (*LIVE, update)
UPDATE_STARTED: History = (*UPDATING, start)
UPDATE_UPLOADING: History = (*UPDATE_STARTED, compose("m2"), upload)
UPDATE_PUBLISHING: History = (*UPDATE_UPLOADING, publish)
UPDATE_PROCESSING: History = (*UPDATE_PUBLISHING, confirm)
UPDATE_UNKNOWN: History = (*UPDATE_PUBLISHING, stop)
UPDATE_SILENT: History = (*UPDATE_PROCESSING, attention)
UPDATE_REJECTED: History = (*UPDATE_PROCESSING, answer("rejected", "m2"))
UPDATE_QUEUED: History = (*UPDATE_REJECTED, retry)
UPDATE_RETRYING: History = (*UPDATE_STARTED, fail())
UPDATE_FAILED: History = (*UPDATE_RETRYING, start, fail(), start, fail())
UPDATE_SUSPENDED: History = (*UPDATING, suspend)
UPDATED: History = (*UPDATE_PROCESSING, answer("accepted", "m2"))

TAKEDOWN: History = (*LIVE, take_down)
TAKEDOWN_PUBLISHING: History = (*TAKEDOWN, start, compose("m2"), upload, publish)
TAKEDOWN_PROCESSING: History = (*TAKEDOWN_PUBLISHING, confirm)
TAKEDOWN_UNKNOWN: History = (*TAKEDOWN_PUBLISHING, stop)
TAKEDOWN_SILENT: History = (*TAKEDOWN_PROCESSING, attention)
TAKEDOWN_REJECTED: History = (*TAKEDOWN_PROCESSING, answer("rejected", "m2"))
REMOVED: History = (*TAKEDOWN_PROCESSING, answer("removed", "m2"))
RENEWED: History = (*REMOVED, renew)
TAKEDOWN_LATER: History = (
    *(*LIVE, take_down_later, start, compose("m2"), upload, publish, confirm),
)

PURGE: History = (*REMOVED, purge)
PURGE_PUBLISHING: History = (*PURGE, start, compose("m3"), upload, publish)
PURGE_PROCESSING: History = (*PURGE_PUBLISHING, confirm)
PURGE_UNKNOWN: History = (*PURGE_PUBLISHING, stop)
PURGE_SILENT: History = (*PURGE_PROCESSING, attention)
PURGE_CANCELLED: History = (*PURGE, cancel)
PURGED: History = (*PURGE_PROCESSING, answer("accepted", "m3"))

MOVE_CASES: list[tuple[History, Step, str]] = [
    ((), validate, "created -> validating"),
    ((), cancel, "created -> cancelled"),
    ((), suspend, "created -> suspended"),
    ((validate,), passed, "validating -> queued"),
    ((validate,), passed_early, "validating -> scheduled"),
    ((validate,), attention, "validating -> needs_attention"),
    ((validate,), cancel, "validating -> cancelled"),
    ((validate,), suspend, "validating -> suspended"),
    (QUEUED, start, "queued -> preparing"),
    (QUEUED, cancel, "queued -> cancelled"),
    (QUEUED, suspend, "queued -> suspended"),
    (UPDATE_QUEUED, take_down, "queued -> takedown_requested"),
    (SCHEDULED, due, "scheduled -> queued"),
    (SCHEDULED, cancel, "scheduled -> cancelled"),
    (SCHEDULED, suspend, "scheduled -> suspended"),
    (COMPOSED, upload, "preparing -> uploading"),
    (PREPARING, stop, "preparing -> queued"),
    (PREPARING, fail(), "preparing -> retrying"),
    (LAST_TRY, fail(), "preparing -> failed"),
    (PREPARING, fail(FailureCategory.RIGHTS), "preparing -> needs_attention"),
    (PREPARING, attention, "preparing -> needs_attention"),
    (PREPARING, cancel, "preparing -> cancelled"),
    (UPDATE_STARTED, take_down, "preparing -> takedown_requested"),
    ((*PROCESSING, update, start), unchanged, "preparing -> processing_by_platform"),
    ((*DISTRIBUTED, update, start), unchanged, "preparing -> distributed"),
    (UPDATE_STARTED, unchanged, "preparing -> live"),
    ((*UPDATED, update, start), unchanged, "preparing -> updated"),
    (PUBLISHING, confirm, "uploading -> processing_by_platform"),
    (PUBLISHING, confirm_for_good, "uploading -> distributed"),
    (UPDATE_PUBLISHING, confirm_for_good, "uploading -> updated"),
    (TAKEDOWN_PUBLISHING, confirm_for_good, "uploading -> removed"),
    (PURGE_PUBLISHING, confirm_for_good, "uploading -> purged"),
    (UPLOADING, stop, "uploading -> queued"),
    (UPLOADING, fail(), "uploading -> retrying"),
    (LAST_UPLOAD, fail(), "uploading -> failed"),
    (UPLOADING, attention, "uploading -> needs_attention"),
    (PUBLISHING, stop, "uploading -> outcome_unknown"),
    (PUBLISHING, fail(), "uploading -> outcome_unknown"),
    (UPLOADING, cancel, "uploading -> cancelled"),
    (UPDATE_UPLOADING, take_down, "uploading -> takedown_requested"),
    (PROCESSING, answer("accepted"), "processing_by_platform -> distributed"),
    (PROCESSING, answer("live"), "processing_by_platform -> live"),
    (UPDATE_PROCESSING, answer("accepted", "m2"), "processing_by_platform -> updated"),
    (UPDATE_PROCESSING, answer("live", "m2"), "processing_by_platform -> live"),
    (TAKEDOWN_PROCESSING, answer("removed", "m2"), "processing_by_platform -> removed"),
    (PROCESSING, answer("removed"), "processing_by_platform -> removed"),
    (PROCESSING, answer("rejected"), "processing_by_platform -> rejected"),
    (PURGE_PROCESSING, answer("accepted", "m3"), "processing_by_platform -> purged"),
    (PROCESSING, attention, "processing_by_platform -> needs_attention"),
    (PROCESSING, update, "processing_by_platform -> updating"),
    (PROCESSING, take_down, "processing_by_platform -> takedown_requested"),
    (TAKEDOWN_PROCESSING, purge, "processing_by_platform -> purge_requested"),
    (DISTRIBUTED, answer("live"), "distributed -> live"),
    (DISTRIBUTED, answer("removed"), "distributed -> removed"),
    (DISTRIBUTED, answer("rejected"), "distributed -> rejected"),
    (DISTRIBUTED, update, "distributed -> updating"),
    (DISTRIBUTED, take_down, "distributed -> takedown_requested"),
    (LIVE, answer("removed"), "live -> removed"),
    (LIVE, answer("rejected"), "live -> rejected"),
    (LIVE, update, "live -> updating"),
    (LIVE, take_down, "live -> takedown_requested"),
    (UPDATED, answer("live", "m2"), "updated -> live"),
    (UPDATED, answer("removed", "m2"), "updated -> removed"),
    (UPDATED, answer("rejected", "m2"), "updated -> rejected"),
    (UPDATED, update, "updated -> updating"),
    (UPDATED, take_down, "updated -> takedown_requested"),
    (FAILED, retry, "failed -> queued"),
    (FAILED, cancel, "failed -> cancelled"),
    (UPDATE_FAILED, take_down, "failed -> takedown_requested"),
    (RETRYING, start, "retrying -> preparing"),
    (RETRYING, retry, "retrying -> queued"),
    (RETRYING, cancel, "retrying -> cancelled"),
    (RETRYING, suspend, "retrying -> suspended"),
    (UPDATE_RETRYING, take_down, "retrying -> takedown_requested"),
    (INVALID, retry, "needs_attention -> validating"),
    (STUCK, retry, "needs_attention -> queued"),
    (SILENT, retry, "needs_attention -> queued"),
    (UNRESOLVED, retry, "needs_attention -> outcome_unknown"),
    (UNRESOLVED, found_sent, "needs_attention -> processing_by_platform"),
    (UNRESOLVED, found_unsent, "needs_attention -> queued"),
    (SILENT, answer("accepted"), "needs_attention -> distributed"),
    (SILENT, answer("live"), "needs_attention -> live"),
    (UPDATE_SILENT, answer("accepted", "m2"), "needs_attention -> updated"),
    (TAKEDOWN_SILENT, answer("removed", "m2"), "needs_attention -> removed"),
    (PURGE_SILENT, answer("removed", "m3"), "needs_attention -> purged"),
    (SILENT, answer("rejected"), "needs_attention -> rejected"),
    (INVALID, cancel, "needs_attention -> cancelled"),
    (SILENT, take_down, "needs_attention -> takedown_requested"),
    (TAKEDOWN_SILENT, purge, "needs_attention -> purge_requested"),
    (UPDATING, start, "updating -> preparing"),
    (UPDATING, suspend, "updating -> suspended"),
    (UPDATING, take_down, "updating -> takedown_requested"),
    (TAKEDOWN, start, "takedown_requested -> preparing"),
    (REMOVED, renew, "removed -> validating"),
    (REMOVED, purge, "removed -> purge_requested"),
    (PURGE, start, "purge_requested -> preparing"),
    (PURGE, cancel, "purge_requested -> cancelled"),
    (PURGED, renew, "purged -> validating"),
    (REJECTED, retry, "rejected -> queued"),
    (REJECTED, cancel, "rejected -> cancelled"),
    (UPDATE_REJECTED, take_down, "rejected -> takedown_requested"),
    (CANCELLED, renew, "cancelled -> validating"),
    (PURGE_CANCELLED, purge, "cancelled -> purge_requested"),
    (SUSPENDED, resume, "suspended -> queued"),
    ((suspend,), resume, "suspended -> validating"),
    (SUSPENDED, cancel, "suspended -> cancelled"),
    (UPDATE_SUSPENDED, take_down, "suspended -> takedown_requested"),
    (UNKNOWN, found_sent, "outcome_unknown -> processing_by_platform"),
    (UNKNOWN, found_sent_for_good, "outcome_unknown -> distributed"),
    (UPDATE_UNKNOWN, found_sent_for_good, "outcome_unknown -> updated"),
    (TAKEDOWN_UNKNOWN, found_sent_for_good, "outcome_unknown -> removed"),
    (PURGE_UNKNOWN, found_sent_for_good, "outcome_unknown -> purged"),
    (UNKNOWN, found_unsent, "outcome_unknown -> queued"),
    (UNKNOWN_AGAIN, found_unsent, "outcome_unknown -> failed"),
    (UNKNOWN, attention, "outcome_unknown -> needs_attention"),
    (UNKNOWN, take_down, "outcome_unknown -> takedown_requested"),
]

COMMANDS: list[Step] = [
    *(validate, passed, passed_early, due, attention, start, compose("m9"), upload, publish),
    *(confirm, confirm_for_good, fail(), fail(FailureCategory.RIGHTS), stop),
    *(found_sent, found_sent_for_good, found_unsent, retry, update, take_down, cancel),
    *(suspend, resume, renew, take_down_later, unchanged, purge),
    *(answer(outcome, "m1", "f") for outcome in ("accepted", "live", "removed", "rejected")),
    *(answer(outcome, "m2", "f") for outcome in ("accepted", "live", "removed", "rejected")),
]
HISTORIES: list[History] = list(dict.fromkeys(history for history, _, _ in MOVE_CASES))


@pytest.mark.parametrize(
    ("history", "command", "move"), MOVE_CASES, ids=[move for _, _, move in MOVE_CASES]
)
def test_the_move_is_made(history: History, command: Step, move: str) -> None:
    distribution = given(*history)
    was = distribution.status
    assert move.split(" -> ")[1] in distribution.allowed

    command(distribution)

    assert f"{was} -> {distribution.status}" == move
    assert len(then(distribution)) == 1


def test_every_move_of_the_table_has_a_case() -> None:
    table = {f"{now} -> {to}" for now, moves in MOVES.items() for to in moves}

    assert {move for _, _, move in MOVE_CASES} == table


@pytest.mark.parametrize("history", HISTORIES)
def test_a_command_moves_by_the_table_or_is_refused_and_stores_nothing(history: History) -> None:
    for command in COMMANDS:
        distribution = given(*history)
        was, allowed, state = distribution.status, distribution.allowed, _state(distribution)

        refused = _refusal(command, distribution)

        if refused is None:
            for event in distribution.collect_events():
                to = Status(getattr(event, "status", was))
                assert to is was or to in MOVES[was]
                was = to
            assert was is distribution.status
            continue
        assert _state(distribution) == state
        assert then(distribution) == []
        if isinstance(refused, IllegalTransition):
            assert (refused.now, list(refused.allowed)) == (was, allowed)
            assert all(status in str(refused) for status in allowed)
        else:
            assert isinstance(refused, LeaseLost)
            assert was not in AT_WORK


@pytest.mark.parametrize(
    ("command", "statuses"),
    [
        (validate, {Status.CREATED, Status.VALIDATING}),
        (passed, {Status.VALIDATING}),
        (due, {Status.SCHEDULED}),
        (compose("m9"), {Status.PREPARING}),
        (publish, {Status.UPLOADING}),
        (found_unsent, {Status.OUTCOME_UNKNOWN, Status.NEEDS_ATTENTION}),
        (retry, {Status.NEEDS_ATTENTION, Status.FAILED, Status.REJECTED, Status.RETRYING}),
        (resume, {Status.SUSPENDED}),
        (renew, {Status.CANCELLED, Status.REMOVED, Status.PURGED}),
        (unchanged, {Status.PREPARING}),
    ],
)
def test_a_command_has_its_place(command: Step, statuses: set[Status]) -> None:
    accepted = {
        given(*history).status for history in HISTORIES if not _refusal(command, given(*history))
    }

    assert accepted == statuses


def _refusal(command: Step, distribution: Distribution) -> DomainError | None:
    try:
        command(distribution)
    except DomainError as refused:
        return refused
    return None


def _state(distribution: Distribution) -> dict[str, Any]:
    return {k: v for k, v in vars(distribution).items() if k != "_pending_events"}


def test_a_second_request_has_the_id_of_the_first() -> None:
    assert given().id == given().id
    assert Distribution.request(RELEASE, UUID(int=3), "live", None).id != given().id


# -- time


def test_without_a_date_it_is_queued_at_once() -> None:
    distribution = Distribution.request(RELEASE, TARGET, "live", None)
    distribution.start_validation()
    distribution.pass_validation(EVE)

    assert distribution.status is Status.QUEUED


def test_validation_that_was_begun_may_be_begun_again() -> None:
    distribution = given(validate)
    distribution.start_validation()

    assert then(distribution) == []


@pytest.mark.parametrize(
    "history",
    [
        pytest.param((*SCHEDULED, suspend, resume), id="suspended while scheduled"),
        pytest.param((*INVALID, retry), id="corrected"),
        pytest.param((*CANCELLED, renew), id="cancelled and renewed"),
        pytest.param((*CANCELLED, renew, attention, retry), id="renewed and corrected"),
        pytest.param(RENEWED, id="removed and renewed"),
    ],
)
def test_nothing_is_sent_before_the_date(history: History) -> None:
    distribution = given(*history)
    distribution.pass_validation(EVE)

    assert distribution.status is Status.SCHEDULED
    assert distribution.due_at == NOON.isoformat()


@pytest.mark.parametrize("history", [(*SCHEDULED, due), (*RETRYING, start), (*RETRYING, retry)])
def test_a_time_that_was_waited_for_is_forgotten(history: History) -> None:
    assert given(*history).due_at is None


# -- attempts and their leases


def test_every_attempt_has_a_higher_token() -> None:
    tokens = []
    distribution = given(*QUEUED)
    for _ in range(3):
        tokens.append(distribution.start_attempt("worker-1", NOON))
        distribution.give_back(tokens[-1], "stopped")

    assert tokens == sorted(set(tokens))
    assert tokens[-1] == distribution.version - 1
    assert distribution.attempt == 3


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(lambda d, token: d.compose(token, message("m2")), id="compose"),
        pytest.param(lambda d, token: d.start_upload(token), id="start_upload"),
        pytest.param(lambda d, token: d.drop_update(token), id="drop_update"),
        pytest.param(lambda d, token: d.start_publishing(token), id="start_publishing"),
        pytest.param(
            lambda d, token: d.confirm_sent(token, EVIDENCE, expects_answer=True),
            id="confirm_sent",
        ),
        pytest.param(
            lambda d, token: d.fail_attempt(token, FailureCategory.UNKNOWN, "", NOON),
            id="fail_attempt",
        ),
        pytest.param(lambda d, token: d.give_back(token, "stopped"), id="give_back"),
    ],
)
@pytest.mark.parametrize("now", [PREPARING, UPLOADING, PUBLISHING, QUEUED, PROCESSING])
def test_an_attempt_that_lost_its_lease_can_do_nothing(
    command: Callable[[Distribution, int], object], now: History
) -> None:
    distribution = given(*QUEUED, start)
    stale = distribution.token
    distribution.give_back(stale, "lease_expired")
    for step in now[len(QUEUED) :]:
        step(distribution)
    distribution.collect_events()

    with pytest.raises(LeaseLost, match=f"Attempt {stale} .* no longer holds the lease"):
        command(distribution, stale)

    assert then(distribution) == []


def test_a_retry_sends_the_message_that_was_composed() -> None:
    distribution = given(*UPLOADING, fail(), start, upload, publish, confirm)

    assert distribution.sent == ["m1"]


def test_a_message_that_was_not_published_may_be_composed_anew() -> None:
    distribution = given(*UPLOADING, stop, start, compose("m2"), upload, publish, confirm)

    assert distribution.sent == ["m2"]


def test_a_message_is_not_composed_once_the_upload_began() -> None:
    with pytest.raises(IllegalTransition, match="cannot become composed"):
        given(*UPLOADING, compose("m2"))


def test_nothing_is_uploaded_without_a_message() -> None:
    with pytest.raises(IllegalTransition, match="before its message is composed"):
        given(*PREPARING, upload)


def test_nothing_counts_as_sent_before_publishing_began() -> None:
    with pytest.raises(IllegalTransition, match="cannot become sent"):
        given(*UPLOADING, confirm)


@pytest.mark.parametrize("category", list(FailureCategory))
def test_failures_are_retried_as_often_as_their_category_says(category: FailureCategory) -> None:
    distribution = given(*QUEUED)
    attempts = STRATEGIES[category].attempts
    for _ in range(attempts - 1):
        start(distribution)
        fail(category)(distribution)
        assert distribution.status is Status.RETRYING
        assert distribution.due_at == (NOON + timedelta(hours=1)).isoformat()
    start(distribution)
    fail(category)(distribution)

    assert distribution.status is (Status.NEEDS_ATTENTION if attempts == 1 else Status.FAILED)
    assert distribution.due_at is None


@pytest.mark.parametrize("history", [(*FAILED, retry), (*RETRYING, retry)])
def test_a_person_who_retries_starts_the_count_again(history: History) -> None:
    assert given(*history).failures == 0


def test_a_success_starts_the_count_again() -> None:
    assert given(*RETRYING, start, compose("m1"), upload, publish, confirm).failures == 0


# -- an outcome that was not seen


@pytest.mark.parametrize("end", [stop, fail(), fail(FailureCategory.RIGHTS)])
def test_an_attempt_that_ends_while_publishing_has_an_unknown_outcome(end: Step) -> None:
    distribution = given(*PUBLISHING, end)

    assert distribution.status is Status.OUTCOME_UNKNOWN
    assert distribution.publishing
    assert distribution.sent == []


def test_what_was_found_unsent_is_sent_as_the_same_message() -> None:
    distribution = given(*UNKNOWN, found_unsent, start, upload, publish, confirm)

    assert distribution.sent == ["m1"]


def test_publishing_that_never_succeeds_ends() -> None:
    distribution = given(*QUEUED, start, compose("m1"), upload, publish, stop)
    rounds = 1
    while distribution.status is not Status.FAILED:
        found_unsent(distribution)
        if distribution.status is Status.QUEUED:
            rounds += 1
            for step in (start, upload, publish, stop):
                step(distribution)

    assert rounds == STRATEGIES[FailureCategory.UNKNOWN].attempts
    assert distribution.at_platform == []


def test_a_person_may_have_the_server_looked_at_again() -> None:
    distribution = given(*UNKNOWN_AGAIN, attention, retry, found_unsent)

    assert distribution.status is Status.QUEUED


@pytest.mark.parametrize("history", [PROCESSING, LIVE, QUEUED, INVALID, SILENT, FAILED])
@pytest.mark.parametrize("finding", [found_sent, found_unsent])
def test_there_is_nothing_to_find_out_where_the_outcome_is_known(
    history: History, finding: Step
) -> None:
    with pytest.raises(IllegalTransition, match="cannot become resolved"):
        given(*history, finding)


# -- what the platform says


def test_both_sides_of_the_evidence_are_kept() -> None:
    distribution = given(*DISTRIBUTED, answer("live"))

    assert distribution.sent == ["m1"]
    assert distribution.confirmed == [("m1", "m1-accepted"), ("m1", "m1-live")]
    assert distribution.icpn == "5901234123457"


def test_the_same_acknowledgement_twice_stores_nothing() -> None:
    distribution = given(*DISTRIBUTED)

    assert distribution.acknowledge("m1", "accepted", {"sha256": "m1-accepted"})
    assert then(distribution) == []


def test_the_same_evidence_is_known_for_ever() -> None:
    distribution = given(*UPDATED, take_down)

    assert distribution.acknowledge("m1", "live", {"sha256": "m1-live"})
    assert then(distribution) == []


@pytest.mark.parametrize(
    ("history", "late"),
    [
        pytest.param(LIVE, answer("accepted"), id="accepted after live"),
        pytest.param(REJECTED, answer("accepted"), id="accepted after rejected"),
        pytest.param(UPDATING, answer("removed"), id="removed while an update is due"),
        pytest.param(UPDATE_PROCESSING, answer("rejected"), id="for the earlier message"),
        pytest.param(UPDATED, answer("removed"), id="for the earlier message, after the update"),
        pytest.param(TAKEDOWN, answer("live", "m1", "again"), id="live after the takedown"),
        pytest.param(TAKEDOWN_PROCESSING, answer("accepted", "m2"), id="a takedown accepted"),
        pytest.param(TAKEDOWN_PROCESSING, answer("live", "m2"), id="a takedown live"),
        pytest.param(REMOVED, answer("live", "m1", "again"), id="live after the removal"),
        pytest.param(RENEWED, answer("removed", "m1"), id="removed, for what was before"),
        pytest.param(QUEUED, answer("live", "m7"), id="of no message of ours"),
        pytest.param((*UNKNOWN, found_unsent), answer("live"), id="of what was found unsent"),
        pytest.param(STUCK, answer("live"), id="of what was composed only"),
        pytest.param((*UNKNOWN, take_down), answer("live"), id="of what was overtaken"),
    ],
)
def test_what_comes_late_is_noted_and_changes_nothing(history: History, late: Step) -> None:
    distribution = given(*history)
    was, confirmed = distribution.status, len(distribution.confirmed)

    late(distribution)

    assert then(distribution) == ["acknowledgement_noted"]
    assert distribution.status is was
    assert len(distribution.confirmed) == confirmed + 1

    late(distribution)

    assert then(distribution) == []


@pytest.mark.parametrize("history", [PREPARING, COMPOSED, UPLOADING, PUBLISHING, UPDATE_STARTED])
def test_an_acknowledgement_waits_for_the_attempt_under_way(history: History) -> None:
    distribution = given(*history)

    assert not distribution.acknowledge("m1", "removed", {"sha256": "f"})
    assert then(distribution) == []


@pytest.mark.parametrize("history", [UNKNOWN, UNRESOLVED])
@pytest.mark.parametrize(
    ("outcome", "confirmed_as"),
    [("accepted", "accepted"), ("live", "went_live"), ("rejected", "rejected")],
)
def test_an_acknowledgement_proves_that_a_message_arrived(
    history: History, outcome: str, confirmed_as: str
) -> None:
    distribution = given(*history)

    assert distribution.acknowledge("m1", outcome, {"sha256": "f"})

    assert then(distribution) == ["sent", confirmed_as]
    assert distribution.sent == ["m1"]


# -- updates, takedowns, cancellations


def test_an_update_replaces_the_message() -> None:
    distribution = given(*UPDATED)

    assert distribution.kind == "update"
    assert distribution.sent == ["m1", "m2"]


def test_a_rejected_message_is_followed_by_another() -> None:
    distribution = given(*REJECTED, retry)

    assert distribution.message is None


@pytest.mark.parametrize(
    "history",
    [(), (validate,), QUEUED, SCHEDULED, COMPOSED, UPLOADING, RETRYING, FAILED, INVALID, SUSPENDED],
)
def test_taking_down_what_the_platform_does_not_have_cancels_it(history: History) -> None:
    distribution = given(*history, take_down)

    assert distribution.status is Status.CANCELLED


@pytest.mark.parametrize(
    "history",
    [
        *(REJECTED, (*UNKNOWN, found_unsent), UNKNOWN_FAILED, RENEWED, (*RENEWED, passed)),
        (*TAKEDOWN_PUBLISHING, confirm_for_good, renew),
        (*LIVE, answer("removed"), renew),
    ],
)
def test_what_the_platform_turned_out_not_to_have_may_be_cancelled(history: History) -> None:
    distribution = given(*history, cancel)

    assert distribution.status is Status.CANCELLED


@pytest.mark.parametrize(
    "history",
    [
        *(PUBLISHING, UNKNOWN, UNRESOLVED, PROCESSING, SILENT, DISTRIBUTED, LIVE, UPDATED),
        *(UPDATING, UPDATE_UPLOADING, UPDATE_REJECTED, UPDATE_FAILED, UPDATE_SUSPENDED),
        *(TAKEDOWN, TAKEDOWN_REJECTED, (*UNKNOWN, take_down, start, attention)),
        (*SILENT, retry, start, compose("m2"), upload, publish, confirm, answer("rejected", "m2")),
    ],
)
def test_what_the_platform_may_have_cannot_be_cancelled(history: History) -> None:
    distribution = given(*history)
    assert "cancelled" not in distribution.allowed

    with pytest.raises(IllegalTransition, match="cannot become cancelled"):
        distribution.cancel("a mistake")

    assert then(distribution) == []


def test_a_takedown_does_not_overtake_the_message_that_is_being_published() -> None:
    with pytest.raises(IllegalTransition) as refused:
        given(*PUBLISHING, take_down)

    assert "takedown_requested" not in refused.value.allowed
    assert given(*PUBLISHING, confirm, take_down).status is Status.TAKEDOWN_REQUESTED
    assert given(*PUBLISHING, stop, take_down).status is Status.TAKEDOWN_REQUESTED


def test_a_takedown_takes_the_lease_from_an_update_that_is_uploading() -> None:
    distribution = given(*UPDATE_UPLOADING)
    token = distribution.token
    distribution.request_takedown("rights were lost")

    with pytest.raises(LeaseLost):
        distribution.start_publishing(token)


@pytest.mark.parametrize(
    "history", [TAKEDOWN, TAKEDOWN_PUBLISHING, TAKEDOWN_PROCESSING, TAKEDOWN_SILENT, REMOVED]
)
@pytest.mark.parametrize("command", [take_down, update])
def test_a_takedown_is_neither_repeated_nor_crossed_by_an_update(
    history: History, command: Step
) -> None:
    with pytest.raises(IllegalTransition):
        given(*history, command)


def test_a_removed_release_is_sent_again_as_an_initial_message() -> None:
    distribution = given(*RENEWED, passed, start, compose("m3"), upload, publish, confirm)

    assert distribution.kind == "initial"
    assert distribution.sent == ["m1", "m2", "m3"]
    assert distribution.at_platform == ["m3"]
    assert distribution.known is None


# -- updates that say nothing new


def test_an_update_that_says_nothing_new_was_as_if_not_asked_for() -> None:
    before, after = given(*DISTRIBUTED), given(*DISTRIBUTED, update, start, unchanged)

    assert (after.kind, after.message, after.known) == (before.kind, before.message, before.known)
    assert after.acknowledge("m1", "live", {"sha256": "f"})
    assert then(after) == ["went_live"]


@pytest.mark.parametrize("history", [PREPARING, (*TAKEDOWN, start), (*PURGE, start)])
def test_only_an_update_can_be_found_unchanged(history: History) -> None:
    with pytest.raises(IllegalTransition):
        given(*history, unchanged)


@pytest.mark.parametrize(
    ("history", "known"),
    [
        (PROCESSING, None),
        (DISTRIBUTED, "m1"),
        ((*PUBLISHING, confirm_for_good), "m1"),
        (REJECTED, None),
        (UPDATE_PROCESSING, None),
        (UPDATED, "m2"),
        (UPDATE_REJECTED, "m1"),
        ((*UPDATED, answer("rejected", "m2")), None),
        ((*UNKNOWN, answer("live")), "m1"),
        (TAKEDOWN_PROCESSING, None),
        (REMOVED, None),
        (RENEWED, None),
        (TAKEDOWN_LATER, None),
    ],
)
def test_the_platform_goes_by_the_message_that_it_accepted_last(
    history: History, known: str | None
) -> None:
    assert (given(*history).known or {}).get("id") == known


# -- takedowns that take effect later


def test_a_later_takedown_is_awaited_from_its_date_on() -> None:
    later, at_once = given(*TAKEDOWN_LATER), given(*TAKEDOWN_PROCESSING)

    assert later.awaited_since == datetime(2031, 6, 1, 12, tzinfo=UTC)
    assert at_once.awaited_since == at_once.since


@pytest.mark.parametrize("outcome", ["accepted", "live"])
def test_a_later_takedown_that_is_accepted_has_not_happened_yet(outcome: str) -> None:
    distribution = given(*TAKEDOWN_LATER, answer(outcome, "m2"))

    assert distribution.status is Status.PROCESSING_BY_PLATFORM
    assert given(*TAKEDOWN_LATER, answer("removed", "m2")).status is Status.REMOVED


@pytest.mark.parametrize(
    ("command", "kind"),
    [(take_down, "takedown"), (take_down_later, "takedown"), (update, "update")],
)
def test_a_later_takedown_may_be_moved_or_withdrawn(command: Step, kind: str) -> None:
    distribution = given(*TAKEDOWN_LATER, command)

    assert distribution.kind == kind
    assert distribution.ends == ("2031-06-01" if command is take_down_later else None)


@pytest.mark.parametrize("history", [QUEUED, SCHEDULED, FAILED])
def test_what_the_platform_does_not_have_is_not_taken_down_later(history: History) -> None:
    with pytest.raises(IllegalTransition):
        given(*history, take_down_later)


# -- purges


@pytest.mark.parametrize(
    "history",
    [
        *(QUEUED, LIVE, UPDATE_REJECTED, CANCELLED, TAKEDOWN, TAKEDOWN_PUBLISHING),
        *(TAKEDOWN_REJECTED, TAKEDOWN_LATER, RENEWED, PURGE, PURGE_PROCESSING, PURGED),
        (*TAKEDOWN_REJECTED, retry, start, fail(FailureCategory.RIGHTS)),
    ],
)
def test_only_what_was_taken_down_is_purged_and_once(history: History) -> None:
    distribution = given(*history)
    assert "purge_requested" not in distribution.allowed

    with pytest.raises(IllegalTransition):
        distribution.request_purge("uploaded by mistake", "5901234123457")


def test_a_purge_is_confirmed_by_the_icpn() -> None:
    distribution = given(*REMOVED)

    with pytest.raises(Refused) as refused:
        distribution.request_purge("uploaded by mistake", "5901234123464")

    assert [problem.code for problem in refused.value.problems] == ["purge_not_confirmed"]
    assert then(distribution) == []


def test_what_was_purged_is_only_sent_again_as_an_initial_message() -> None:
    distribution = given(*PURGED)
    assert distribution.allowed == ["validating"]

    renew(distribution)

    assert distribution.kind == "initial"
    assert distribution.at_platform == []


@pytest.mark.parametrize(
    "history", [PURGE, (*PURGE, start), (*PURGE, start, compose("m3"), upload)]
)
def test_a_purge_is_called_off_until_it_is_published(history: History) -> None:
    assert given(*history, cancel).status is Status.CANCELLED
    assert given(*history, cancel, purge).status is Status.PURGE_REQUESTED


# -- suspension


def test_a_suspended_update_goes_on_as_an_update() -> None:
    distribution = given(*UPDATE_SUSPENDED, resume)

    assert (distribution.status, distribution.kind) == (Status.QUEUED, "update")


def test_only_what_is_suspended_is_resumed() -> None:
    with pytest.raises(IllegalTransition, match="cannot become resumed"):
        given(*QUEUED, resume)


def test_each_event_says_who_acted_and_why() -> None:
    event = given(*LIVE).last_event

    assert event.tenant_id == UUID(int=7)
    assert (event.actor, event.correlation_id) == ("key:test", "correlation-1")
    assert event.causation_id == "request-1"


def test_a_refusal_is_a_domain_error_with_a_stable_code() -> None:
    with pytest.raises(DomainError) as refused:
        given(*QUEUED, update)

    assert refused.value.code == "illegal_transition"
    assert str(refused.value) == (
        "A distribution that is queued cannot become updating; "
        "allowed now: cancelled, preparing, suspended."
    )


def test_another_priority_is_stored_once() -> None:
    d = given(*QUEUED)
    d.prioritise(Priority.LOW)
    d.prioritise(Priority.LOW)
    assert then(d) == ["prioritised"]
    assert (d.priority, d.status) == (Priority.LOW, Status.QUEUED)


def test_an_attempt_under_way_is_not_given_another_priority() -> None:
    d = given(*QUEUED, start)
    with pytest.raises(IllegalTransition):
        d.prioritise(Priority.HIGH)
    d.prioritise(d.priority)
    assert then(d) == []


def test_what_a_person_has_tried_again_is_not_parked_for_what_was_before() -> None:
    """Nine workers ended with it, then it was released: the next one to end is the first."""
    distribution = given(*QUEUED)
    for _ in range(MOST_DEATHS):
        start(distribution)
        distribution.give_back(distribution.token, "lease_expired")
    assert distribution.status is Status.NEEDS_ATTENTION

    distribution.retry()
    distribution.pass_validation(NOON)
    start(distribution)
    distribution.give_back(distribution.token, "lease_expired")

    assert distribution.status is Status.QUEUED
