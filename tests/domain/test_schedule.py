"""A schedule's life: it fires once for each of its times, and tells what it did."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from deadwax.api.body import checked
from deadwax.domain.errors import IllegalTransition, InvalidValue, Refused
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.recurrence import Every, Recurrence
from deadwax.domain.schedule import GRACE, Schedule, ScheduleStatus
from deadwax.domain.schedule_events import ScheduleFired, ScheduleMissed
from deadwax.domain.schedule_terms import Action, At, BeforeRelease, Terms
from deadwax.domain.texts import Moment, Name
from deadwax.domain.transfer_times import ClockTime, Zone

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
DAILY = Recurrence(every=Every.DAY, time=ClockTime("08:00"), zone=Zone("UTC"))
TERMS = Terms(
    name=Name("New every day"), action=Action.UPDATE, reason=Name("The charts."), recurring=DAILY
)
ID, HOUR = UUID(int=7), timedelta(hours=1)


def plan(*times: datetime) -> list[dict[str, Any]]:
    return [{"due_at": at.isoformat()} for at in times]


def created(*times: datetime) -> Schedule:
    schedule = Schedule.create(ID, TERMS, plan(*(times or (NOW,))))
    schedule.collect_events()
    return schedule


def test_it_fires_for_its_time_and_waits_for_the_next() -> None:
    schedule = created()

    schedule.fire(NOW, plan(NOW + 24 * HOUR), [NOW])

    [fired] = schedule.collect_events()
    assert isinstance(fired, ScheduleFired)
    assert (fired.number, fired.due_at) == (1, NOW.isoformat())
    assert schedule.due_at is None
    schedule.end_run()
    assert (schedule.status, schedule.due_at) == (ScheduleStatus.ACTIVE, NOW + 24 * HOUR)


def test_the_same_occurrence_has_the_same_id_wherever_it_fires() -> None:
    one, other = created(), created()
    for schedule in (one, other):
        schedule.fire(NOW, plan(NOW + HOUR), [NOW])
    assert one.running
    assert other.running
    assert one.running.occurrence == other.running.occurrence

    one.end_run()
    one.fire(NOW + HOUR, [], [NOW + HOUR])
    assert one.running.occurrence != other.running.occurrence


def test_it_does_not_fire_before_its_time_nor_twice() -> None:
    schedule = created()

    with pytest.raises(IllegalTransition):
        schedule.fire(NOW - timedelta(microseconds=1), [], [NOW])
    schedule.fire(NOW, [], [NOW])
    with pytest.raises(IllegalTransition):
        schedule.fire(NOW, [], [NOW])


def test_what_was_missed_is_told_and_made_up_for_once() -> None:
    schedule = created()
    late = NOW + 49 * HOUR
    due = [NOW, NOW + 24 * HOUR, NOW + 48 * HOUR]

    schedule.fire(late, plan(NOW + 72 * HOUR), due)

    missed, fired = schedule.collect_events()
    assert isinstance(missed, ScheduleMissed)
    assert (missed.times, missed.first) == (3, NOW.isoformat())
    assert isinstance(fired, ScheduleFired)
    assert fired.due_at == due[-1].isoformat()


@pytest.mark.parametrize(("late", "told"), [(GRACE, False), (GRACE + HOUR, True)])
def test_a_little_late_is_not_missed(late: timedelta, told: bool) -> None:
    schedule = created()

    schedule.fire(NOW + late, [], [NOW])

    kinds = [type(event) for event in schedule.collect_events()]
    assert kinds == ([ScheduleMissed] if told else []) + [ScheduleFired]


def test_it_counts_what_it_did_and_finishes_when_nothing_is_to_come() -> None:
    schedule = created()
    schedule.fire(NOW, [], [NOW])
    last = uuid4()
    schedule.note(uuid4(), [uuid4(), uuid4()], [])
    schedule.note(last, [], [{"distribution_id": str(last), "code": "c", "message": "m"}])
    assert schedule.running
    assert schedule.running.after == last

    schedule.end_run()

    ended = schedule.pending_events[-1]
    assert (ended.changed, ended.refused) == (2, 1)
    assert (schedule.status, schedule.due_at) == (ScheduleStatus.FINISHED, None)


def test_paused_it_does_nothing_and_goes_on_where_it_was() -> None:
    schedule = created()
    schedule.fire(NOW, [], [NOW])
    schedule.pause("A dispute.")

    with pytest.raises(IllegalTransition):
        schedule.note(uuid4(), [], [])
    schedule.resume([])
    schedule.note(uuid4(), [], [])


def test_it_is_not_changed_while_at_work_nor_after_its_end() -> None:
    schedule = created()
    other = replace(TERMS, name=Name("Another"))
    schedule.amend(other, plan(NOW))
    schedule.amend(other, plan(NOW))
    assert len(schedule.collect_events()) == 1
    schedule.fire(NOW, [], [NOW])
    with pytest.raises(IllegalTransition):
        schedule.amend(TERMS, plan(NOW))
    schedule.end_run()
    for command in (
        lambda: schedule.amend(TERMS, plan(NOW)),
        lambda: schedule.pause("x"),
        lambda: schedule.resume([]),
        lambda: schedule.cancel("x"),
    ):
        with pytest.raises(IllegalTransition):
            command()


def test_nothing_to_come_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        Schedule.create(ID, TERMS, [])

    assert [p.code for p in refused.value.problems] == ["schedule_in_the_past"]


def test_a_replay_gives_the_same_schedule() -> None:
    schedule = Schedule.create(ID, TERMS, plan(NOW))
    schedule.replan(plan(NOW + HOUR))
    schedule.fire(NOW + HOUR, plan(NOW + 24 * HOUR), [NOW + HOUR])
    schedule.note(uuid4(), [uuid4()], [])

    replayed: Any = None
    for event in schedule.collect_events():
        replayed = event.mutate(replayed)

    own = {name: value for name, value in vars(schedule).items() if name[0] != "_"}
    assert {name: value for name, value in vars(replayed).items() if name[0] != "_"} == own
    assert replayed.terms == TERMS


A, B = UUID(int=1), UUID(int=2)
ONCE = At(time=Moment("2026-12-01T09:00:00"), zone=Zone("Europe/Berlin"))


@pytest.mark.parametrize(
    "terms",
    [
        TERMS,
        Terms(
            name=Name("x"),
            action=Action.DELIVER,
            reason=Name("y"),
            releases=(A,),
            targets=(A, B),
            before_release=BeforeRelease(lead_hours=72),
        ),
        Terms(name=Name("x"), action=Action.TAKE_DOWN, reason=Name("y"), labels=(), targets=(A,),
              at=ONCE),
    ],
)  # fmt: skip
def test_terms_come_back_as_they_were(terms: Terms) -> None:
    assert from_plain(Terms, to_plain(terms)) == terms


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recurring": None}, "schedule_time_unclear"),
        ({"at": ONCE}, "schedule_time_unclear"),
        ({"action": Action.TAKE_DOWN, "labels": (Name("x"),)}, "recurring_updates"),
        ({"recurring": None, "before_release": BeforeRelease()}, "before_release_delivers"),
        ({"action": Action.DELIVER, "recurring": None, "at": ONCE}, "schedule_selection_invalid"),
        (
            {"action": Action.DELIVER, "recurring": None, "at": ONCE, "releases": (A, A)},
            "schedule_selection_invalid",
        ),
        ({"action": Action.TAKE_DOWN, "recurring": None, "at": ONCE}, "schedule_selection_empty"),
        ({"action": Action.REINSTATE, "recurring": None, "at": ONCE}, "schedule_selection_empty"),
    ],
)
def test_unclear_terms_are_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        replace(TERMS, **change)

    assert refused.value.code == code


def test_a_local_time_needs_a_zone_and_an_instant_has_its_own() -> None:
    assert ONCE.instant == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert At(time=Moment("2026-12-01T09:00:00+01:00")).instant == ONCE.instant
    for wrong in (
        {"time": Moment("2026-12-01T09:00:00")},
        {"time": Moment("2026-12-01")},
        {"time": Moment("2026-12-01T09:00:00Z"), "zone": Zone("UTC")},
        {"time": Moment("9999-12-31T23:59:59Z")},
    ):
        with pytest.raises(InvalidValue) as refused:
            At(**wrong)
        assert refused.value.code == "schedule_time_invalid"


def test_every_time_of_the_docs_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "schedules.md").read_text()
    shown = page.partition("```json\n")[2].partition("\n```")[0].splitlines()
    assert len(shown) == 5

    for line in shown:
        when = json.loads(line)
        action = {"recurring": "update"}.get(next(iter(when)), "deliver")
        checked(
            Terms,
            json.dumps(
                {
                    "name": "x",
                    "action": action,
                    "reason": "y",
                    **({} if "recurring" in when else {"releases": [str(A)], "targets": [str(B)]}),
                    **when,
                }
            ).encode(),
        )
