"""The audit trail holds every event, in words and field by field, and no secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.projections.conftest import Project
from tests.projections.deliveries import Told
from tests.projections.histories import SETTINGS, History
from tests.projections.rows import all_rows

from deadwax.domain.addresses.parts import Host
from deadwax.domain.aggregate import Event
from deadwax.domain.api_key import ApiKey, Role
from deadwax.domain.cause import Cause, acting
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.release import Release
from deadwax.domain.target import DeliveryTarget, TargetSettings
from deadwax.domain.texts import Name
from deadwax.infrastructure.event_log.event_types import event_type_named
from deadwax.projections import audit_trail, timeline
from deadwax.projections.base import Fold
from deadwax.projections.distribution_moves import MOVING, STAYING
from deadwax.projections.registry import PROJECTIONS
from deadwax.projections.summaries import SUMMARIES

TENANT = UUID(int=5)


@pytest.fixture(autouse=True)
def somebody_acts() -> object:
    with acting(Cause(TENANT, "key:1", "request-1", "request-0")):
        yield


def topics_under(cls: type[Event]) -> set[str]:
    below = {topic for each in cls.__subclasses__() for topic in topics_under(each)}
    return below | ({cls.TOPIC} if cls.TOPIC.partition(".")[2] else set())


def known_topics() -> set[str]:
    event_type_named("release.drafted")  # imports all of the domain
    return {
        t for t in topics_under(Event) if event_type_named(t).cls.__module__.startswith("deadwax")
    }


def test_every_type_of_event_has_a_sentence() -> None:
    assert set(SUMMARIES) == known_topics()


def test_every_type_of_event_has_a_rule_in_each_projection_that_follows_it() -> None:
    topics = known_topics()
    distribution = {t for t in topics if t.startswith("distribution.")}
    assert distribution == MOVING | STAYING | {"distribution.requested"}
    for projection in PROJECTIONS:
        if isinstance(projection, Fold):
            followed = {t for t in topics if t.startswith(projection.follows)}
            assert followed == {projection.first, *projection.steps}


def test_an_entry_says_who_what_when_and_why(project: Project, db: psycopg.Connection) -> None:
    release = Release.draft(uuid4(), ReleaseMetadata(title=Name("One")))
    release.amend(ReleaseMetadata(title=Name("Two"), genre=Name("Jazz")), {})
    project(release.collect_events())
    drafted, amended = audit_trail.page(db, TENANT).items
    assert drafted.changes == {"metadata": release_plain("One")}
    assert amended.changes == {
        "title": {"from": "One", "to": "Two"},
        "genre": {"from": None, "to": "Jazz"},
    }
    assert (amended.summary, drafted.summary) == (
        "Release amended: genre, title.",
        "Release One drafted.",
    )
    assert (amended.actor, amended.correlation_id, amended.causation_id) == (
        "key:1",
        "request-1",
        "request-0",
    )
    assert (amended.stream_type, amended.stream_id, amended.version) == ("release", release.id, 2)
    assert (amended.release_id, amended.target_id) == (release.id, None)


def release_plain(title: str) -> dict[str, object]:
    plain: dict[str, object] = to_plain(ReleaseMetadata(title=Name(title)))
    return plain


def test_every_entry_of_a_distribution_names_its_release_and_target(
    project: Project, db: psycopg.Connection
) -> None:
    told = Told(TENANT)
    project(told.events)
    told.events.clear()
    project(told.queued().sent().events)
    entries = audit_trail.page(db, TENANT, stream_id=told.id).items
    assert len(entries) == told.distribution.version
    assert {(e.release_id, e.target_id) for e in entries} == {(told.release_id, told.target_id)}


def test_no_hash_of_a_key_is_shown(project: Project, db: psycopg.Connection) -> None:
    key, text = ApiKey.issue(role=Role.ADMIN, name="Ops")
    project(key.collect_events())
    (entry,) = audit_trail.page(db, TENANT).items
    shown = {"role": "admin", "name": "Ops", "target_id": None}
    assert entry.changes == shown | {"secret_sha256": "hidden"}
    everything = str(all_rows(db))
    assert key.secret_sha256 not in everything
    assert text.rpartition("_")[2] not in everything


def test_an_amended_target_shows_what_changed(project: Project, db: psycopg.Connection) -> None:
    settings = from_plain(TargetSettings, SETTINGS)
    target = DeliveryTarget.open(uuid4(), settings)
    address = replace(settings.address, host=Host("new.example.com"))
    target.amend(replace(settings, address=address))
    project(target.collect_events())
    opened, amended = audit_trail.page(db, TENANT, target_id=target.id).items
    assert opened.summary == "Target opened: Vinyl Stream, test."
    assert amended.changes["address"]["to"]["host"] == "new.example.com"
    row = db.execute("SELECT host, version FROM read.targets").fetchone()
    assert row == ("new.example.com", 2)


def test_entries_are_found_by_what_an_auditor_knows(
    project: Project, db: psycopg.Connection
) -> None:
    events = [event for events in History(2, tenants=1).commands(40) for event in events]
    project(events)
    tenant, wanted = events[0].tenant_id, events[20]

    def found(**filters: object) -> list[UUID]:
        entries = audit_trail.page(db, tenant, limit=1000, **filters).items  # type: ignore[arg-type]
        return [entry.event_id for entry in entries]

    assert found() == [event.event_id for event in events]
    assert found(actor="key:2") == []
    assert found(correlation_id=wanted.correlation_id) == [
        e.event_id for e in events if e.correlation_id == wanted.correlation_id
    ]
    assert found(stream_type="release", type="release.drafted") == [
        e.event_id for e in events if type(e).TOPIC == "release.drafted"
    ]
    at = wanted.timestamp
    assert found(since=at, until=at + timedelta(days=1)) == [
        e.event_id for e in events if e.timestamp >= at
    ]
    assert found(until=at) == [e.event_id for e in events if e.timestamp < at]


def test_the_timeline_keeps_the_evidence(project: Project, db: psycopg.Connection) -> None:
    told = Told(TENANT).queued().sent().answered("live", "on sale")
    project(told.events)
    steps = timeline.page(db, TENANT, told.id).items
    by_type = {step.type.partition(".")[2]: step for step in steps}
    sent, live = by_type["sent"], by_type["went_live"]
    assert sent.evidence["evidence"]["files"][0]["path"] == "b/resources/1.wav"
    assert (sent.summary, sent.status) == ("Message M1 sent: 3 files.", "processing_by_platform")
    assert live.summary == "Platform: message M1 is live (on sale)."
    assert (by_type["message_composed"].status, by_type["queued"].attempt, sent.attempt) == (
        "preparing",
        0,
        1,
    )
