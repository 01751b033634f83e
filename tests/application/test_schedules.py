"""Schedules on a real database: each time fires once, whatever is killed, and tells what it did."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.domain.complete import AUDIO, COMPLETE, COVER, facts
from tests.domain.test_target import SETTINGS
from tests.projecting import projecting

from deadwax.application import run_schedules
from deadwax.application.calendar import Calendar, DateWatch
from deadwax.application.catalogue import Catalogue
from deadwax.application.planning import Planner
from deadwax.application.run_schedules import ScheduleRuns
from deadwax.application.schedules import Schedules
from deadwax.domain.aggregate import Root
from deadwax.domain.cause import Cause, acting
from deadwax.domain.date_warning import DateWarning
from deadwax.domain.delivery_policy import DeliveryPolicy
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Refused
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.recurrence import Every, Recurrence
from deadwax.domain.release import Release
from deadwax.domain.schedule import Schedule, ScheduleStatus
from deadwax.domain.schedule_events import ScheduleFired, ScheduleMissed
from deadwax.domain.schedule_terms import Action, At, BeforeRelease, Terms
from deadwax.domain.states import Status
from deadwax.domain.target import DeliveryTarget
from deadwax.domain.texts import Moment, Name
from deadwax.domain.transfer_times import ClockTime, Zone
from deadwax.domain.vocabulary import AssetKind
from deadwax.infrastructure import calendar
from deadwax.infrastructure.database import connect, open_pool
from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.projections.positions import wait_for
from deadwax.projections.registry import PROJECTIONS

TENANT = uuid4()
NOW = datetime(2031, 4, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAILY = Recurrence(every=Every.DAY, time=ClockTime("13:00"), zone=Zone("UTC"))
ASSETS = {COVER: facts(COVER, AssetKind.IMAGE), AUDIO: facts(AUDIO, AssetKind.AUDIO)}


class Killed(BaseException):
    """As SIGKILL: nothing in the program sees it coming."""


class Mortal(Catalogue):
    """Dies before or after its `at`th save."""

    at, after = 0, False

    def save(self, *roots: Root) -> int:
        self.at -= 1
        if self.at == 0 and not self.after:
            raise Killed
        position = super().save(*roots)
        if self.at == 0:
            raise Killed
        return position


class Office:
    """The use cases over one database, with a clock that stands until it is set."""

    def __init__(self, database_url: str, log: PostgresEventLog, pool: Any) -> None:
        self.now, self.url, self.log = NOW, database_url, log
        self.catalogue = Mortal(log)
        self.notices: list[str] = []
        clock = lambda: self.now  # noqa: E731
        planner = Planner(self.catalogue)
        self.schedules = Schedules(self.catalogue, planner, clock)
        self.runs = ScheduleRuns(
            self.catalogue,
            planner,
            calendar.PostgresSelecting(pool),
            clock,
            "test",
            lambda what, **more: self.notices.append(what),
        )
        wanted = calendar.PostgresWantedReleases(pool)
        self.calendar = Calendar(self.catalogue, wanted, clock)
        self._watch = DateWatch(self.catalogue, wanted, self.calendar, self.runs, clock, "test")

    def advance(self, schedule: Schedule) -> Schedule:
        self.runs.advance(schedule.id, lambda: True)
        return self.schedules.get(schedule.id)

    def watch(self) -> int:
        """How many events it stored."""
        before = self._head()
        with connect(self.url, "test") as connection:
            wait_for(connection, before, [p.name for p in PROJECTIONS], timeout=20)
        self._watch.watch(TENANT)
        with connect(self.url, "test") as connection:
            wait_for(connection, self._head(), [p.name for p in PROJECTIONS], timeout=20)
        return self._head() - before

    def _head(self) -> int:
        with connect(self.url, "test") as connection:
            row = connection.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()
        assert row
        return int(row[0])

    def release(self, *, approved: bool = True, **changes: Any) -> Release:
        release = Release.draft(uuid4(), replace(COMPLETE, **changes))
        if approved:
            release.submit(ASSETS)
            release.approve()
        self.catalogue.save(release)
        return release

    def target(self, **policy: Any) -> DeliveryTarget:
        target = DeliveryTarget.open(uuid4(), replace(SETTINGS, policy=DeliveryPolicy(**policy)))
        self.catalogue.save(target)
        return target

    def live(self, target: DeliveryTarget, count: int = 1) -> list[Distribution]:
        """So many releases that are live on the target."""
        made = []
        for _ in range(count):
            d = Distribution.request(self.release().id, target.id, "test", None)
            d.start_validation()
            d.pass_validation(self.now)
            sent(d)
            said = {"sha256": uuid4().hex, "information": ""}
            assert d.message
            d.acknowledge(d.message["id"], "live", said)
            made.append(d)
        self.catalogue.save(*made)
        return made

    def reload(self, d: Distribution) -> Distribution:
        return self.catalogue.get(Distribution, d.id)

    def count(self, d: Distribution, topic: str) -> int:
        return sum(topic == event.TOPIC for event in self.log.load(d.id))


def sent(d: Distribution, *, publishing: bool = False) -> None:
    token = d.start_attempt("worker", NOW + HOUR)
    d.compose(token, {"id": uuid4().hex, "kind": d.kind, "xml_sha256": "e" * 64, "files": []})
    d.start_upload(token)
    d.start_publishing(token)
    if not publishing:
        d.confirm_sent(token, {"endpoint": "sftp://x", "files": []}, expects_answer=True)


@pytest.fixture
def office(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """With a projector at work, and steps of three."""
    monkeypatch.setattr(run_schedules, "STEP", 3)
    monkeypatch.setattr(calendar, "STEP", 3)
    with (
        projecting(database_url),
        open_pool(database_url, size=4, name="test") as pool,
        acting(Cause(TENANT, "key:test", "request")),
    ):
        log = PostgresEventLog(pool, database_url)
        yield Office(database_url, log, pool)
        log.close()


def terms(action: Action, **more: Any) -> Terms:
    return Terms(**{"name": Name("A plan"), "action": action, "reason": Name("So."), **more})


def at(time: datetime) -> At:
    return At(time=Moment(time.strftime("%Y-%m-%dT%H:%M:%SZ")))


def told(office: Office, schedule: Schedule, kind: type) -> list[Any]:
    return [event for event in office.log.load(schedule.id) if isinstance(event, kind)]


def test_a_delivery_is_asked_for_when_its_time_comes_and_not_before(office: Office) -> None:
    release, draft = office.release(), office.release(approved=False)
    targets = [office.target(), office.target()]
    wanted = terms(
        Action.DELIVER,
        releases=(release.id, draft.id),
        targets=tuple(t.id for t in targets),
        at=At(time=Moment("2031-04-02T09:00:00"), zone=Zone("Europe/Berlin")),
    )
    schedule, _ = office.schedules.create(wanted)
    assert schedule.due_at == datetime(2031, 4, 2, 7, tzinfo=UTC)

    office.now = datetime(2031, 4, 2, 6, 59, 59, tzinfo=UTC)
    assert office.advance(schedule).fired == 0
    office.now += timedelta(seconds=1)
    done = office.advance(schedule)

    assert done.status is ScheduleStatus.FINISHED
    for target in targets:
        d = office.catalogue.get(Distribution, distribution_id(release.id, target.id))
        assert d.status is Status.CREATED
        assert d.last_event.correlation_id == told(office, schedule, ScheduleFired)[0].occurrence
        none = office.catalogue.find(Distribution, distribution_id(draft.id, target.id))
        assert none is None
    ended = office.log.load(schedule.id)[-1]
    assert (ended.changed, ended.refused) == (2, 2)  # type: ignore[attr-defined]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_worker_killed_at_any_save_neither_skips_nor_doubles(office: Office, after: bool) -> None:
    for number in range(1, 7):
        target = office.target()
        live = office.live(target, 8)
        wanted = terms(Action.UPDATE, targets=(target.id,), recurring=DAILY)
        schedule, _ = office.schedules.create(wanted)
        office.now = schedule.due_at or NOW
        office.catalogue.at, office.catalogue.after = number, after
        killed = False
        try:
            office.advance(schedule)
        except Killed:
            killed = True
        office.catalogue.at = 0

        done = office.advance(schedule)

        assert killed == (number <= 5), "it saves when it fires, thrice, and when it ends"
        assert (done.fired, done.running) == (1, None)
        assert [office.count(d, "distribution.update_requested") for d in live] == [1] * 8
        assert office.log.load(schedule.id)[-1].changed == 8  # type: ignore[attr-defined]


def test_two_workers_at_once_do_everything_once(office: Office) -> None:
    target = office.target()
    live = office.live(target, 14)
    wanted = terms(Action.UPDATE, targets=(target.id,), recurring=DAILY)
    schedule, _ = office.schedules.create(wanted)
    office.now = schedule.due_at or NOW

    both = [
        threading.Thread(target=office.runs.advance, args=(schedule.id, lambda: True))
        for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    done = office.advance(schedule)

    assert (done.fired, done.running) == (1, None)
    assert [office.count(d, "distribution.update_requested") for d in live] == [1] * 14


def test_what_was_missed_is_made_up_for_once(office: Office) -> None:
    target = office.target()
    [d] = office.live(target)
    schedule, _ = office.schedules.create(
        terms(Action.UPDATE, targets=(target.id,), recurring=DAILY)
    )
    office.now += 3 * DAY + 2 * HOUR

    done = office.advance(schedule)

    [missed] = told(office, schedule, ScheduleMissed)
    assert missed.times == 4
    assert office.count(d, "distribution.update_requested") == 1
    assert done.due_at == datetime(2031, 4, 5, 13, tzinfo=UTC)


def test_only_what_is_named_is_updated(office: Office) -> None:
    target, other = office.target(), office.target()
    [mine], [theirs] = office.live(target), office.live(other)
    label = Name("Analog Revival")
    schedule, _ = office.schedules.create(
        terms(Action.UPDATE, targets=(target.id,), labels=(label,), recurring=DAILY)
    )
    elsewhere, _ = office.schedules.create(
        terms(Action.UPDATE, labels=(Name("Another"),), recurring=DAILY)
    )
    office.now += 2 * HOUR

    office.advance(schedule)
    office.advance(elsewhere)

    assert office.reload(mine).status is Status.UPDATING
    assert office.reload(theirs).status is Status.LIVE


def test_a_takedown_and_a_return_at_their_times(office: Office) -> None:
    target = office.target()
    [d] = office.live(target)
    selected = {"targets": (target.id,)}
    down, _ = office.schedules.create(terms(Action.TAKE_DOWN, at=at(NOW + HOUR), **selected))
    back, _ = office.schedules.create(terms(Action.REINSTATE, at=at(NOW + 2 * DAY), **selected))

    office.now += HOUR
    office.advance(down)
    taken = office.reload(d)
    assert taken.status is Status.TAKEDOWN_REQUESTED
    sent(taken)
    assert taken.message
    taken.acknowledge(taken.message["id"], "removed", {"sha256": "f" * 64, "information": ""})
    office.catalogue.save(taken)
    office.now += 2 * DAY
    office.advance(back)

    assert office.reload(d).status is Status.VALIDATING


def test_a_takedown_waits_for_what_is_being_published(office: Office) -> None:
    target = office.target()
    [d] = office.live(target)
    d.request_update("A new cover.")
    sent(d, publishing=True)
    office.catalogue.save(d)
    down, _ = office.schedules.create(
        terms(Action.TAKE_DOWN, targets=(target.id,), at=at(NOW + HOUR))
    )
    office.now += HOUR

    assert office.advance(down).running
    assert office.notices == ["schedule_waits"]
    d = office.reload(d)
    d.confirm_sent(d.token, {"endpoint": "sftp://x", "files": []}, expects_answer=True)
    office.catalogue.save(d)

    assert office.advance(down).status is ScheduleStatus.FINISHED
    assert office.count(d, "distribution.takedown_requested") == 1


def test_what_is_cancelled_or_paused_does_nothing(office: Office) -> None:
    target = office.target()
    [d] = office.live(target)
    wanted = terms(Action.TAKE_DOWN, targets=(target.id,), at=at(NOW + HOUR))
    cancelled, paused = office.schedules.create(wanted)[0], office.schedules.create(wanted)[0]
    office.schedules.cancel(cancelled.id, "Not after all.")
    office.schedules.pause(paused.id, "A dispute.")
    office.now += DAY

    office.advance(cancelled)
    office.advance(paused)
    assert office.reload(d).status is Status.LIVE

    office.schedules.resume(paused.id)
    office.advance(paused)
    assert office.reload(d).status is Status.TAKEDOWN_REQUESTED


def test_deliveries_are_planned_back_from_the_release_date(office: Office) -> None:
    """The release is out on 1 May 2031 in Berlin."""
    release, slow, quick = (
        office.release(),
        office.target(lead_hours=168),
        office.target(lead_hours=24),
    )
    schedule, _ = office.schedules.create(
        terms(
            Action.DELIVER,
            releases=(release.id,),
            targets=(slow.id, quick.id),
            before_release=BeforeRelease(zone=Zone("Europe/Berlin")),
        )
    )
    midnight = datetime(2031, 4, 30, 22, tzinfo=UTC)

    planned = [(item["due_at"], item["pairs"][0]["target_id"]) for item in schedule.plan]
    assert planned == [
        ((midnight - 8 * DAY).isoformat(), str(slow.id)),
        ((midnight - 2 * DAY).isoformat(), str(quick.id)),
    ]
    office.now = midnight - 8 * DAY
    office.advance(schedule)
    assert office.catalogue.find(Distribution, distribution_id(release.id, slow.id))
    assert not office.catalogue.find(Distribution, distribution_id(release.id, quick.id))

    later = office.catalogue.get(Release, release.id)
    later.amend(replace(later.metadata, release_date=date(2031, 5, 11)), ASSETS)
    office.catalogue.save(later)
    office.now = midnight - 2 * DAY
    assert office.advance(schedule).due_at == midnight + 8 * DAY
    assert office.watch() >= 0
    office.now = midnight + 8 * DAY
    assert office.advance(schedule).status is ScheduleStatus.FINISHED
    assert office.catalogue.find(Distribution, distribution_id(release.id, quick.id))


def test_what_cannot_be_planned_is_refused_with_the_reasons(office: Office) -> None:
    release, target = office.release(approved=False, release_date=None, deals=()), office.target()

    with pytest.raises(Refused) as refused:
        office.schedules.create(
            terms(
                Action.DELIVER,
                releases=(release.id,),
                targets=(target.id,),
                before_release=BeforeRelease(),
            )
        )

    assert [p.code for p in refused.value.problems] == ["release_date_missing", "lead_time_unknown"]


def test_a_date_that_moves_is_planned_anew_by_who_watches_dates(office: Office) -> None:
    release, target = office.release(), office.target(lead_hours=48)
    when = BeforeRelease(zone=Zone("UTC"), spare_hours=0)
    schedule, _ = office.schedules.create(
        terms(Action.DELIVER, releases=(release.id,), targets=(target.id,), before_release=when)
    )
    release.amend(
        replace(
            release.metadata,
            release_date=date(2031, 4, 20),
            original_release_date=date(2031, 4, 20),
        ),
        ASSETS,
    )
    office.catalogue.save(release)

    office.watch()

    assert office.schedules.get(schedule.id).due_at == datetime(2031, 4, 18, tzinfo=UTC)
    assert office.watch() == 0


def test_what_will_miss_its_date_is_warned_of_once(office: Office) -> None:
    """DEAL opens on 1 May 2031 somewhere; the target wants it a week before."""
    release, target = office.release(), office.target(lead_hours=168)
    d = Distribution.request(release.id, target.id, "test", None)
    office.catalogue.save(d)
    [entry] = office.calendar.entries(NOW, NOW + 60 * DAY) if office.watch() == 0 else []
    assert entry.state == "on_time"

    office.now = entry.latest - 6 * HOUR
    assert office.watch() == 1
    assert office.watch() == 0
    office.now = entry.latest + HOUR
    assert office.watch() == 1
    warning = office.catalogue.get(DateWarning, DateWarning.id_of(release.id, target.id))
    assert (warning.state, warning.why) == ("will_miss", "lead_time_passed")

    d.cancel("Not after all.")
    office.catalogue.save(d)
    assert office.watch() == 1
    assert office.watch() == 0
    warning = office.catalogue.get(DateWarning, warning.id)
    assert (warning.state, warning.why) == ("on_time", "not_wanted")


def test_the_calendar_has_what_is_planned_and_what_is_asked_for(office: Office) -> None:
    release, soon, later = office.release(), office.target(lead_hours=1), office.target()
    office.catalogue.save(Distribution.request(release.id, later.id, "test", NOW + 50 * DAY))
    schedule, _ = office.schedules.create(
        terms(
            Action.DELIVER,
            releases=(release.id,),
            targets=(soon.id, later.id),
            before_release=BeforeRelease(lead_hours=24),
        )
    )
    office.watch()

    entries = {e.target_id: e for e in office.calendar.entries(NOW, NOW + 60 * DAY)}

    assert entries[soon.id].planned == schedule.due_at
    assert (entries[soon.id].distribution_id, entries[soon.id].state) == (None, "on_time")
    assert (entries[later.id].state, entries[later.id].why) == ("will_miss", "planned_too_late")
    assert office.calendar.entries(NOW, NOW + DAY) == []


def test_a_target_that_is_paused_is_a_risk_and_for_too_long_a_miss(office: Office) -> None:
    release, target = office.release(), office.target(lead_hours=24)
    office.catalogue.save(Distribution.request(release.id, target.id, "test", None))
    target.pause("Their audit.", None, NOW)
    office.catalogue.save(target)
    assert office.watch() == 1
    [entry] = office.calendar.entries(NOW, NOW + 60 * DAY)
    assert (entry.state, entry.why) == ("at_risk", "paused")

    target.pause("Their audit.", entry.latest + HOUR, NOW)
    office.catalogue.save(target)
    assert office.watch() == 1
    [entry] = office.calendar.entries(NOW, NOW + 60 * DAY)
    assert (entry.state, entry.why) == ("will_miss", "planned_too_late")

    target.resume()
    office.catalogue.save(target)
    assert office.watch() == 1
    [entry] = office.calendar.entries(NOW, NOW + 60 * DAY)
    assert entry.state == "on_time"
