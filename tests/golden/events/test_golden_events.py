"""One stored sample of every event type and version, which must load for ever.

A sample is made once, when its type or version is new, by running this file with
DEADWAX_WRITE_GOLDEN_EVENTS=1; an existing one is never written again.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.domain.complete import CLEAN

import deadwax.domain
from deadwax.domain.adapted import Adapted
from deadwax.domain.addresses.parts import Host, SecretName
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.addresses.ssh import HostKey, SftpAddress
from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.api_key import ApiKey, Role
from deadwax.domain.assets import Asset, AssetFacts, AudioFacts
from deadwax.domain.bulk import BulkJob
from deadwax.domain.bulk_terms import BulkAction, BulkOrder, Outcome, Plan, Result
from deadwax.domain.cause import Cause, acting
from deadwax.domain.code_book import CodeBook
from deadwax.domain.code_page import CodePage
from deadwax.domain.code_range import CodeKind, CodeNumber, CodePrefix, CodeRange
from deadwax.domain.collection import Collection
from deadwax.domain.date_warning import DateWarning
from deadwax.domain.deals import Deal, Price, RightsHeld
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem
from deadwax.domain.failures import FailureCategory
from deadwax.domain.identifiers import Dpid, Icpn, Isrc, Sha256
from deadwax.domain.kept_acknowledgement import KeptAcknowledgement
from deadwax.domain.media.measured import Analysis, AudioMeasured, Fault
from deadwax.domain.media.recipes import AUDIO_RECIPES
from deadwax.domain.media.tags import Tags
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.notice import Channel, Notice
from deadwax.domain.parties import Artist
from deadwax.domain.plain import to_plain
from deadwax.domain.priority import Priority
from deadwax.domain.release import Release
from deadwax.domain.release_planning import Dates, Punctuality, Verdict
from deadwax.domain.rendition_orders import RenditionOrder
from deadwax.domain.renditions import Rendition
from deadwax.domain.schedule import Schedule
from deadwax.domain.schedule_terms import Action, At, Terms
from deadwax.domain.states import Status
from deadwax.domain.target import (
    Confirmation,
    DeliveryTarget,
    ErnVersion,
    Mode,
    Party,
    TargetSettings,
)
from deadwax.domain.tenant import Label, Tenant, TenantKind
from deadwax.domain.territories import Territories, Territory
from deadwax.domain.texts import Currency, Language, Moment, Name
from deadwax.domain.tracks import RightsLine, Track
from deadwax.domain.vocabulary import (
    ArtistRole,
    AssetKind,
    CommercialModel,
    ParentalWarning,
    ReleaseType,
    UseType,
)
from deadwax.infrastructure.event_log.codec import Row, encode, to_event, to_recorded

FOLDER = Path(__file__).parent
SAMPLES = sorted(FOLDER.glob("*.json"))
NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
TENANT = UUID("0b9f7f0e-6d5e-4d0c-9d53-0d8f2b7a1c11")
CAUSE = Cause(TENANT, "key:5f0c2c9e8d1b4a57b1a5c8f5e2d3a4b6", "req-7Q2M", "req-7Q2M")


def event_classes() -> dict[str, type[Event]]:
    for module in pkgutil.iter_modules(deadwax.domain.__path__, "deadwax.domain."):
        importlib.import_module(module.name)
    classes: list[type[Event]] = [Event]
    for cls in classes:  # grows while it is read
        classes.extend(cls.__subclasses__())
    ours = (cls for cls in classes if cls.__module__.startswith("deadwax.domain."))
    return {cls.TOPIC: cls for cls in ours if cls.TOPIC}


def name_of(topic: str, version: int) -> str:
    return f"{topic}.v{version}.json"


def stored(sample: Path) -> dict[str, Any]:
    columns: dict[str, Any] = json.loads(sample.read_text())
    return columns


def row(columns: dict[str, Any]) -> Row:
    """As the driver would bring it from the table."""
    return (
        1,
        UUID(columns["event_id"]),
        UUID(columns["stream_id"]),
        columns["version"],
        columns["type"],
        UUID(columns["tenant_id"]),
        columns["actor"],
        columns["correlation_id"],
        columns["causation_id"],
        datetime.fromisoformat(columns["recorded_at"]),
        json.dumps(columns["data"]),
        columns["schema_version"],
    )


def test_every_version_of_every_event_has_a_sample() -> None:
    expected = {
        name_of(topic, version)
        for topic, cls in event_classes().items()
        for version in range(1, cls.class_version + 1)
    }
    missing = expected - {sample.name for sample in SAMPLES}
    if missing and os.environ.get("DEADWAX_WRITE_GOLDEN_EVENTS") == "1":
        pytest.fail(f"Read, then commit, what was written now: {_write(missing)}")

    assert not missing, f"Without a sample: {sorted(missing)}; see the top of this file."


def test_no_sample_is_of_an_event_that_no_longer_exists() -> None:
    """Such an event can still be in somebody's log, and must still be readable there."""
    names = {
        name_of(topic, version)
        for topic, cls in event_classes().items()
        for version in range(1, cls.class_version + 1)
    }

    assert [sample.name for sample in SAMPLES if sample.name not in names] == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_a_sample_loads_as_the_event_it_was(sample: Path) -> None:
    columns = stored(sample)
    cls = event_classes()[columns["type"]]
    assert sample.name == name_of(columns["type"], columns["schema_version"])

    event = to_event(row(columns))
    recorded = to_recorded(row(columns))

    assert type(event) is cls
    assert (event.event_id, event.tenant_id) == (recorded.event_id, recorded.tenant_id)
    assert (event.actor, event.correlation_id) == (columns["actor"], columns["correlation_id"])
    assert event.causation_id == columns["causation_id"]
    assert (event.originator_id, event.originator_version) == (
        UUID(columns["stream_id"]),
        columns["version"],
    )
    assert event.timestamp == datetime.fromisoformat(columns["recorded_at"])
    assert all(getattr(event, name) == value for name, value in recorded.data.items())
    if columns["schema_version"] == cls.class_version:
        assert recorded.data == columns["data"]
        assert json.loads(encode(event)) == columns


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_a_sample_applies_to_its_aggregate(sample: Path) -> None:
    """A replay may not raise, whatever the state: refusing is for commands."""
    event = to_event(row(stored(sample)))
    aggregate = _created(event.TOPIC.partition(".")[0])

    event.apply(aggregate)

    if isinstance(aggregate, Release):
        assert aggregate.metadata.title == "夜に駆ける"
    if isinstance(aggregate, DeliveryTarget):
        assert aggregate.settings.platform == "Sandbox"
    if isinstance(aggregate, Distribution):
        assert aggregate.status == stored(sample)["data"].get("status", "created")


def _created(prefix: str) -> Any:
    """The aggregate as the sample of its first event leaves it."""
    *_, created = (
        event
        for event in (to_event(row(stored(sample))) for sample in SAMPLES)
        if isinstance(event, Created) and event.TOPIC.startswith(f"{prefix}.")
    )
    return created.mutate(None)


# -- made once


def _write(missing: set[str]) -> list[str]:
    """Samples of the present versions; those of earlier ones cannot be made any more."""
    written = []
    with acting(CAUSE):
        events = [event for root in _lives() for event in root.collect_events()]
    for event in events:
        assert isinstance(event, Event)
        path = FOLDER / name_of(event.TOPIC, event.class_version)
        if path.name in missing and not path.exists():
            sample = json.loads(encode(event))
            path.write_text(json.dumps(sample, indent=2, ensure_ascii=False) + "\n")
            written.append(path.name)
    return sorted(written)


def _lives() -> list[Root]:
    """Aggregates to which everything happened that can."""
    tenant = Tenant.register(TENANT, name="Analog Revival", kind=TenantKind.AGGREGATOR, review=True)
    tenant.add_label(Label(name=Name("Second Groove"), dpid=Dpid("PADPIDA2013042401U")))
    tenant.pause("The bill is unpaid.", None, NOON)
    tenant.resume()
    key, _ = ApiKey.issue(role=Role.MANAGER, name="laptop")
    key.revoke()
    theirs, _ = ApiKey.issue(role=Role.PLATFORM, name="Vinyl Stream", target_id=uuid4())
    release = Release.draft(uuid4(), ReleaseMetadata(title=Name("夜に駆ける")))
    audio = AudioFacts(
        container="WAV",
        codec="PCM",
        channels=2,
        sampling_rate=44_100,
        bits_per_sample=16,
        duration_ms=215_000,
    )
    recording = AssetFacts(
        sha256="a" * 64,
        md5="b" * 32,
        size=37_926_044,
        filename="01.wav",
        kind=AssetKind.AUDIO,
        audio=audio,
    )
    picture = AssetFacts(
        sha256="c" * 64, md5="d" * 32, size=2_048, filename="cover.jpg", kind=AssetKind.IMAGE
    )
    release.amend(_release(), {})
    release.allocate({"icpn": "5901234123457", "1/1": "USS1Z9900001"})
    release.submit(
        {one.sha256: replace(one, analysis=CLEAN[one.kind]) for one in (recording, picture)}
    )
    release.approve()
    release.archive("a duplicate")
    target = DeliveryTarget.open(uuid4(), _settings(None))
    target.amend(_settings(HostKey("SHA256:uNiVztksCsDhcc0u9e8BrrJXVGe1qQvBaaq0NRc0v4E")))
    target.pause("They move house.", NOON, NOON - timedelta(days=1))
    target.resume()
    return [
        *(tenant, key, theirs, release, target, _analysed(recording), *_rendered(recording)),
        *_codes(release.id),
        _kept(target.id),
        *_scheduled(release.id, target.id),
        _reported(target.id),
        _collected(target.id),
        _delivered(Distribution.request(release.id, target.id, "live", NOON)),
        _held_up(Distribution.request(release.id, uuid4(), "test", None)),
        _looked_after(Distribution.request(release.id, uuid4(), "live", None)),
        *_in_bulk(release.id, target.id),
    ]


def _analysed(recording: AssetFacts) -> Root:
    asset = Asset.store(TENANT, replace(recording, awaits_analysis=True))
    fault = Fault(
        code="audio_truncated",
        message="The audio ends before its header says.",
        value=214.9,
        limit=215.0,
        at_s=214.9,
    )
    measured = AudioMeasured(
        frames=9_477_090,
        bitrate_bps=1_411_200,
        bit_depth=16,
        effective_bits=16,
        sample_peak_dbfs=-0.31,
        true_peak_dbtp=-0.12,
        true_peak_at_s=61.25,
        integrated_lufs=-9.4,
        loudness_range_lu=5.2,
        cutoff_hz=16_012.5,
        cutoff_drop_db=52.0,
        pcm_sha256="f" * 64,
        fingerprint="AQAAAA",
    )
    asset.analyse(Analysis(analyser="deadwax-media 1", faults=(fault,), audio=measured))
    asset.link("9" * 64, datetime(2031, 5, 2, 12, tzinfo=UTC))
    return asset


def _rendered(recording: AssetFacts) -> list[Root]:
    assert recording.audio is not None
    made = replace(recording, sha256="9" * 64, size=25_000_000, filename="01.flac")
    made = replace(made, audio=replace(recording.audio, container="FLAC", codec="FLAC"))
    recipe = AUDIO_RECIPES["flac_16_44"]
    rendition = Rendition.make(
        TENANT, recording.sha256, recipe, made, encoder="libsndfile 1.2.2", same_samples=True
    )
    tags = Tags(title=Name("夜に駆ける"), artists=(Name("YOASOBI"),), isrc=Isrc("JPU901902991"))
    order = RenditionOrder.place(TENANT, recording.sha256, replace(recipe, tags=tags))
    why = "The source is damaged: The audio cannot be decoded from here on."
    order.refuse((Problem("rendition_source_damaged", "recipe", why, "Export it again."),))
    order.repeat()
    order.settle()
    return [rendition, order]


def _kept(target_id: UUID) -> Root:
    path = "acknowledgements/ACK_20310501120000001_5901234123457.xml"
    problem = Problem("ack_release_unknown", "", "No message about it was sent.", "Read it.")
    return KeptAcknowledgement.keep(target_id, "sftp", path, "e" * 64, [problem])


def _reported(target_id: UUID) -> Root:
    notice = Notice.receive(
        target_id,
        Channel.WEBHOOK,
        "evt-1",
        name="webhook",
        media_type="application/json",
        sha256="c" * 64,
    )
    applied = {
        "distribution_id": str(uuid4()),
        "message_id": f"{uuid4().hex}.7",
        "outcome": "live",
        "status": "Published",
    }
    problem = Problem("status_unclear", "row 3", "It is not known.", "Say so.")
    notice.note_read([applied], to_plain([problem]))
    return notice


def _scheduled(release_id: UUID, target_id: UUID) -> tuple[Root, ...]:
    """A schedule that was changed, held and came to its end; a warning that came and went."""
    terms = Terms(
        name=Name("Fridays"),
        action=Action.DELIVER,
        reason=Name("The campaign."),
        releases=(release_id,),
        targets=(target_id,),
        at=At(time=Moment("2031-04-28T09:00:00Z")),
    )
    pair = {"release_id": str(release_id), "target_id": str(target_id)}
    schedule = Schedule.create(
        uuid4(), terms, [{"due_at": "2031-04-28T09:00:00+00:00", "pairs": [pair]}]
    )
    later: list[dict[str, Any]] = [
        {"due_at": (NOON - timedelta(days=1)).isoformat(), "pairs": [pair]}
    ]
    schedule.amend(replace(terms, name=Name("Thursdays")), later)
    schedule.replan([{"due_at": NOON.isoformat(), "pairs": [pair]}])
    schedule.pause("A dispute.")
    schedule.resume(later)
    schedule.fire(NOON, [], [NOON - timedelta(days=1)])
    refused = {"distribution_id": str(uuid4()), "code": "illegal_transition", "message": "No."}
    schedule.note(uuid4(), [uuid4()], [refused])
    schedule.end_run()
    cancelled = Schedule.create(uuid4(), terms, later)
    cancelled.cancel("Not after all.")
    dates = Dates(out=NOON, latest=NOON - timedelta(days=7), wanted_at=NOON - timedelta(days=9))
    risk = Verdict(Punctuality.AT_RISK, "little_time")
    warning = DateWarning.raise_for(release_id, target_id, risk, dates)
    warning.note(Verdict(Punctuality.WILL_MISS, "lead_time_passed"), dates)
    warning.note(Verdict(Punctuality.ON_TIME, "delivered"), dates)
    return schedule, cancelled, warning


def _collected(target_id: UUID) -> Root:
    """A platform that pulls has fetched everything."""
    collection = Collection.begin(f"{uuid4().hex}.7", target_id, uuid4())
    message, track = ("5901234123457.xml", "e" * 64, 48_000), ("resources/1.wav", "a" * 64, 9_000)
    seen = [
        {"path": f"{uuid4().hex}.7/{path}", "sha256": sha256, "size": size}
        for path, sha256, size in (message, track)
    ]
    collection.note_message(seen[0])
    collection.note_resources(seen[1:])
    collection.finish()
    return collection


def _codes(release_id: UUID) -> tuple[Root, Root]:
    """Two ISRCs, the first the last one of its page."""
    book, first = CodeBook.open(TENANT, CodeKind.ISRC), "QZDWX3100"
    numbers = {"first": CodeNumber("00998"), "last": CodeNumber("99999")}
    book.add_range(CodeRange(kind=CodeKind.ISRC, prefix=CodePrefix("QZDWX"), **numbers))
    pages = {page: CodePage.open(TENANT, CodeKind.ISRC, page) for page in (first, "QZDWX3101")}
    pages[first].import_codes([f"{first}998"])
    book.take(2, 2031, release_id, pages.__getitem__)
    return book, pages[first]


def _release() -> ReleaseMetadata:
    world = Territories(included=(Territory("Worldwide"),))
    artists = (Artist(name=Name("YOASOBI"), role=ArtistRole.MAIN),)
    line = RightsLine(year=2031, text=Name("Second Groove"))
    return ReleaseMetadata(
        title=Name("夜に駆ける"),
        type=ReleaseType.SINGLE,
        label=Name("Second Groove"),
        icpn=Icpn("5901234123457"),
        artists=artists,
        genre=Name("J-Pop"),
        language=Language("ja"),
        p_line=line,
        c_line=line,
        release_date=date(2031, 5, 1),
        original_release_date=date(2031, 5, 1),
        parental_warning=ParentalWarning.NOT_EXPLICIT,
        cover=Sha256("c" * 64),
        tracks=(
            Track(
                number=1,
                isrc=Isrc("USS1Z9900001"),
                title=Name("夜に駆ける"),
                artists=artists,
                genre=Name("J-Pop"),
                language=Language("ja"),
                instrumental=False,
                parental_warning=ParentalWarning.NOT_EXPLICIT,
                p_line=line,
                preview_start=30,
                audio=Sha256("a" * 64),
            ),
        ),
        rights=(RightsHeld(territories=world),),
        deals=(
            Deal(
                territories=Territories(excluded=(Territory("KP"),)),
                models=(CommercialModel.PAY_AS_YOU_GO,),
                uses=(UseType.PERMANENT_DOWNLOAD,),
                start=Moment("2031-05-01"),
                price=Price(amount=Decimal("0.70"), currency=Currency("EUR")),
            ),
        ),
    )


def _settings(host_key: HostKey | None) -> TargetSettings:
    party = Party(dpid=Dpid("PADPIDA2013042401U"), name=Name("Second Groove"))
    return TargetSettings(
        platform=Name("Sandbox"),
        mode=Mode.LIVE,
        protocol=Protocol.SFTP,
        address=SftpAddress(
            host=Host("sftp.example.com"),
            username=Name("deadwax"),
            secret=SecretName("sandbox-sftp"),
            host_key=host_key,
        ),
        sender=party,
        recipient=party,
        ern=ErnVersion.V43,
        confirmation=Confirmation.DDEX_ACKNOWLEDGEMENT,
    )


def _delivered(d: Distribution) -> Distribution:
    """From the first request to a removal, an update in between, and wanted again."""
    d.start_validation()
    d.pass_validation(NOON - timedelta(days=1))
    d.come_due()
    d.prioritise(Priority.HIGH)
    _send(d, "20310501120000001")
    d.acknowledge(_id(d), "accepted", _answer("1"))
    d.acknowledge(_id(d), "live", _answer("2"))
    d.acknowledge(_id(d), "accepted", _answer("3"))
    d.request_update("A corrected title.")
    d.drop_update(d.start_attempt("worker-1", NOON + timedelta(seconds=60)))
    d.request_update("They lost the files.", forced=True)
    _send(d, "20310502120000001")
    d.acknowledge(_id(d), "rejected", _answer("4"))
    d.request_takedown("The rights were lost.", Moment("2031-06-01"))
    _send(d, "20310503120000001")
    d.acknowledge(_id(d), "removed", _answer("5"))
    d.request_purge("It should never have been there.", "5901234123457")
    _send(d, "20310504120000001")
    d.acknowledge(_id(d), "accepted", _answer("6"))
    d.renew(None)
    d.cancel("Not after all.")
    return d


def _held_up(d: Distribution) -> Distribution:
    """Incomplete, suspended, failed and lost from sight."""
    d.start_validation()
    d.need_attention(
        FailureCategory.METADATA_INVALID,
        [Problem("icpn_missing", "icpn", "icpn is missing.", "Give the barcode.")],
    )
    d.retry()
    d.suspend("A dispute.")
    d.resume()
    d.pass_validation(NOON)
    token = d.start_attempt("worker-1", NOON + timedelta(seconds=60))
    retry_at = NOON + timedelta(seconds=17)
    d.fail_attempt(token, FailureCategory.NETWORK_TIMEOUT, "No answer in 30 s.", retry_at)
    token = d.start_attempt("worker-2", NOON + timedelta(seconds=80))
    d.fail_attempt(
        token,
        FailureCategory.CONTENT_FORMAT,
        "415 for resources/T1.wav",
        retry_at,
        adapted=Adapted("wav", "flac"),
    )
    token = d.start_attempt("worker-2", NOON + timedelta(seconds=90))
    d.compose(token, _message(d, "20310501120000002"))
    d.start_upload(token)
    d.start_publishing(token)
    d.give_back(token, "lease_expired")
    return d


def _in_bulk(release_id: UUID, target_id: UUID) -> tuple[Root, Root]:
    """Two distributions wanted at once, one of which cannot be."""
    order = BulkOrder(action=BulkAction.DISTRIBUTE, reason=Name("The catalogue."), not_before=NOON)
    plan = Plan(sha256=Sha256("a" * 64), items=2)
    job = BulkJob.begin(uuid4(), order, plan, {"labels": ["Second Groove"]}, run_when_checked=False)
    unknown = Problem("release_unknown", "release_id", "There is no such release.", "Give one.")
    good = Outcome(release_id=release_id, target_id=target_id, result=Result.DONE)
    bad = replace(good, release_id=uuid4(), result=Result.REFUSED, problem=unknown)
    job.note_checked([good, bad])
    job.start()
    job.stop("The platform asked us to wait.")
    job.go_on()
    return job, job.note_done([good, bad])


def _looked_after(d: Distribution) -> Distribution:
    """Somebody asked the platform."""
    d.start_validation()
    d.need_attention(FailureCategory.RIGHTS, [])
    d.assign("ida@example.com", "She knows their rights desk.")
    d.override_status(Status.LIVE, "They had it from the label's former distributor.")
    return d


def _send(d: Distribution, batch_id: str) -> None:
    token = d.start_attempt("worker-1", NOON + timedelta(seconds=60))
    message = _message(d, batch_id)
    d.compose(token, message)
    d.start_upload(token)
    d.start_publishing(token)
    evidence = {
        "endpoint": "sftp://sftp.example.com:22",
        "host_key": "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGe1qQvBaaq0NRc0v4E",
        "files": message["files"],
        "bytes": 37_930_000,
        "seconds": "12.345",
    }
    d.confirm_sent(token, evidence, expects_answer=True)


def _message(d: Distribution, batch_id: str) -> dict[str, Any]:
    folder = f"N_{batch_id}/5901234123457"
    return {
        "id": f"{d.id.hex}.{d.token}",
        "thread_id": d.id.hex,
        "kind": d.kind,
        "batch_id": batch_id,
        "icpn": "5901234123457",
        "created_at": NOON.isoformat(),
        "ern": "4.3",
        "schema": "valid",
        "builder": "deadwax 0.1.0",
        "sources": {"release": 4, "target": 2, "tenant": 2},
        "xml_sha256": "e" * 64,
        "manifest_sha256": "f" * 64,
        "files": [
            {"path": f"{folder}/resources/A1.wav", "sha256": "a" * 64, "size": 37_926_044},
            {"path": f"{folder}/5901234123457.xml", "sha256": "e" * 64, "size": 3_100},
            {
                "path": f"N_{batch_id}/BatchComplete_{batch_id}.xml",
                "sha256": "f" * 64,
                "size": 856,
            },
        ],
    }


def _id(d: Distribution) -> str:
    assert d.message is not None
    return str(d.message["id"])


def _answer(digit: str) -> dict[str, Any]:
    return {
        "source": "ddex_acknowledgement",
        "path": f"acknowledgements/ACK_5901234123457_2031050112000000{digit}.xml",
        "sha256": digit * 64,
        "status": "FileOK",
        "information": "",
    }
