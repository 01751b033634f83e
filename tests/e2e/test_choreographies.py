"""Every choreography against a platform that keeps to it, over a real SFTP server."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection
from tests.e2e.office import Office
from tests.faults.rig import LABEL_DPID

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.choreography import Choreography
from deadwax.domain.choreography_versions import (
    BatchPriority,
    Checksums,
    ChoreographyKind,
    ChoreographyVersion,
    Completion,
    UploadOrder,
)
from deadwax.domain.failures import FailureCategory
from deadwax.domain.file_names import (
    CoverName,
    FileNames,
    InReleaseFolder,
    MessageName,
    TrackName,
)
from deadwax.domain.identifiers import Grid
from deadwax.domain.states import Status
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.sandbox.arrivals import USUAL, Agreement
from deadwax.projections import kept_acknowledgements, positions

V = ChoreographyVersion
SINGLE, CLOUD = ChoreographyKind.RELEASE_BY_RELEASE, ChoreographyKind.CLOUD_STORAGE
OLD = Agreement(acknowledgements="1.6")

MakeOffice = Callable[..., Office]


@pytest.fixture
def make_office(
    database_url: str, redis_url: str, tmp_path: Path, schemas: Path
) -> Iterator[MakeOffice]:
    made: list[Office] = []

    def make(
        choreography: Choreography,
        agreement: Agreement = USUAL,
        senders: frozenset[str] | None = None,
    ) -> Office:
        made.append(
            Office(tmp_path, database_url, redis_url, schemas, choreography, agreement, senders)
        )
        return made[-1]

    yield make
    for office in made:
        office.close()


@dataclass(frozen=True)
class Case:
    """`files` are those of the delivery as patterns, in upload order; ID is the ICPN."""

    choreography: Choreography
    agreement: Agreement
    files: tuple[str, ...]


_TRACKS = ("resources/ID_01_001.flac", "resources/ID_01_002.flac", "resources/ID.jpg")
_T = "[0-9]{17}"


def _below(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}" for name in names)


CASES = {
    "1.5 batch": Case(
        Choreography(version=V.V15),
        OLD,
        (*_below(f"{_T}/ID", *_TRACKS, "ID.xml"), f"{_T}/BatchComplete_{_T}.xml"),
    ),
    "1.6 batch": Case(
        Choreography(version=V.V16, priority=BatchPriority.HIGH),
        OLD,
        (*_below(f"P_{_T}/ID", *_TRACKS, "ID.xml"), f"P_{_T}/BatchComplete_{_T}.xml"),
    ),
    "1.7 batch with an empty manifest": Case(
        Choreography(
            version=V.V17,
            manifest=False,
            completion=Completion.MARKER,
            marker=MessageName("BatchComplete_{batch}.xml"),
        ),
        USUAL,
        (*_below(f"N_{_T}/ID", *_TRACKS, "ID.xml"), f"N_{_T}/BatchComplete_{_T}.xml"),
    ),
    "1.8 batch": Case(
        Choreography(),
        USUAL,
        (*_below(f"N_{_T}/ID", *_TRACKS, "ID.xml"), f"N_{_T}/BatchComplete_{_T}.xml"),
    ),
    "1.8 batch, checksums, a marker, the message first": Case(
        Choreography(
            checksums=Checksums.ALL,
            order=UploadOrder.MESSAGE_FIRST,
            completion=Completion.MARKER,
            marker=MessageName("{batch}.done"),
        ),
        Agreement(checksums=True, marker="{batch}.done"),
        (
            *_below(f"N_{_T}/ID", "ID.xml.md5", "ID.xml"),
            *_below(f"N_{_T}/ID", *(n for t in _TRACKS for n in (f"{t}.md5", t))),
            f"N_{_T}/BatchComplete_{_T}.xml",
            f"N_{_T}/{_T}.done",
        ),
    ),
    "1.5 release by release": Case(
        Choreography(kind=SINGLE, version=V.V15), OLD, _below(f"ID_{_T}", *_TRACKS, "ID.xml")
    ),
    "1.6 release by release, checksum of the message": Case(
        Choreography(kind=SINGLE, version=V.V16, checksums=Checksums.MESSAGE),
        OLD,
        _below(f"N_ID_{_T}", *_TRACKS, "ID.xml.md5", "ID.xml"),
    ),
    "1.8 release by release, low priority, own names": Case(
        Choreography(
            kind=SINGLE,
            priority=BatchPriority.LOW,
            names=FileNames(
                track=TrackName("audio/{isrc}.{extension}"),
                cover=CoverName("{kind}.{extension}"),
            ),
        ),
        USUAL,
        _below(
            f"L_ID_{_T}",
            "audio/QZDWX2600001.flac",
            "audio/QZDWX2600002.flac",
            "[A-Za-z]+.jpg",
            "ID.xml",
        ),
    ),
    "1.8 cloud storage": Case(
        Choreography(kind=CLOUD),
        USUAL,
        _below(
            f"N_ID_{_T}",
            "resources/ID_T1_SoundRecording_01_001.flac",
            "resources/ID_T2_SoundRecording_01_002.flac",
            "resources/ID_T3_[A-Za-z]+.jpg",
            "ID.xml",
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_release_goes_out_is_answered_and_comes_down(name: str, make_office: MakeOffice) -> None:
    case = CASES[name]
    office = make_office(case.choreography, case.agreement)
    id = office.distribute()
    sent = office.work(id)
    assert sent.message is not None
    patterns = [p.replace("ID", sent.message["icpn"]) for p in case.files]
    paths = [file["path"] for file in sent.message["files"]]
    assert len(paths) == len(patterns)
    for path, pattern in zip(paths, patterns, strict=True):
        assert re.fullmatch(pattern, path), (path, pattern)

    knows_live = case.agreement.acknowledgements == "1.8"
    answered = office.answered(id, Status.LIVE if knows_live else Status.DISTRIBUTED)
    assert office.journal("rejected") == []
    assert office.archived() == sorted(paths)
    assert {m for m, _ in answered.confirmed} == {sent.message["id"]}

    office.take_down(id)
    office.work(id)
    removed = office.answered(id, Status.REMOVED)
    assert removed.message is not None
    assert {m for m, _ in removed.confirmed} == {sent.message["id"], removed.message["id"]}
    assert office.journal("rejected") == []


def _files_16(release_id: str, status: str, day: str = "2026-01-02", more: str = "") -> str:
    return (
        '<a:FtpAcknowledgementMessage xmlns:a="http://ddex.net/xml/ern-c-sftp/16" '
        'MessageVersionId="ern-c-sftp/16"><MessageHeader/>'
        f"<AcknowledgedFile><ReleaseId>{release_id}</ReleaseId><Date>{day}</Date>"
        f"</AcknowledgedFile><FileStatus>{status}</FileStatus>{more}</a:FtpAcknowledgementMessage>"
    )


def test_a_release_is_found_by_its_grid(make_office: MakeOffice) -> None:
    office = make_office(
        Choreography(
            version=V.V16,
            release_folder=InReleaseFolder("{grid}"),
            names=FileNames(message=MessageName("{grid}.xml")),
        ),
        OLD,
    )
    office.grid = Grid("A12425GABC1234002M")
    id = office.distribute()
    office.work(id)
    office.answered(id, Status.DISTRIBUTED)
    (answer,) = office.dsp.folders.acknowledgements.glob("*.xml")
    assert "<ReleaseId>A12425GABC1234002M</ReleaseId>" in answer.read_text()


def test_1_8_may_speak_of_a_release_without_naming_the_message(make_office: MakeOffice) -> None:
    office = make_office(Choreography(), Agreement(marker="never"))
    id = office.distribute()
    message = office.work(id).message
    assert message is not None
    office.answer(
        "ACK_1_20260102030405006.xml",
        '<a:AcknowledgementMessage xmlns:a="http://ddex.net/xml/ern-c-sftp/18" AvsVersionId="4">'
        f"<MessageHeader/><ReleaseStatus><ReleaseId><ICPN>{message['icpn']}</ICPN></ReleaseId>"
        "<ReleaseStatus>ReleaseMadeAvailableToConsumers</ReleaseStatus></ReleaseStatus>"
        "</a:AcknowledgementMessage>",
    )
    assert office.poll(id).status is Status.LIVE
    assert office.events(id)[-1].message_id == message["id"]


def test_a_message_composed_before_there_were_choreographies_is_delivered(
    make_office: MakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = make_office(Choreography())
    id = office.distribute()
    lay_out = office.container.composer.lay_out

    def as_before(drafts: Any) -> Any:
        messages = lay_out(drafts)
        for message in messages:
            for new in ("choreography", "grid", "batch", "companions"):
                message.pop(new, None)
            for file in message["files"]:
                del file["role"]
        return messages

    with monkeypatch.context() as patch:
        patch.setattr(office.container.composer, "lay_out", as_before)
        patch.setattr(office.container.couriers, "connect", _unreachable)
        office.advance(id, until=Status.RETRYING)
    before = office.distribution(id).message
    assert before is not None
    assert before["files"][0].keys() == {"path", "sha256", "size"}
    with office.acting():
        office.container.distributions.retry(id)
    assert office.work(id).message == before
    office.answered(id, Status.LIVE)


def _unreachable(*_: object) -> None:
    raise DeliveryFailed(FailureCategory.NETWORK_CONNECTIVITY, "not there")


def test_a_refusal_says_what_to_do_about_which_track(make_office: MakeOffice) -> None:
    office = make_office(Choreography(version=V.V16), Agreement("1.6", marker="never"))
    id = office.distribute()
    message = office.work(id).message
    assert message is not None
    batch = message["batch_id"]
    office.answer(
        f"ACK_{batch}_{message['icpn']}.xml",
        _files_16(
            message["icpn"],
            "ResourceCorrupt",
            f"{batch[:4]}-{batch[4:6]}-{batch[6:8]}",
            "<ErrorText>ends early</ErrorText>"
            "<ProposedActionType>ResendXmlAndResources</ProposedActionType>"
            "<AffectedResource><ISRC>QZDWX2600002</ISRC></AffectedResource>",
        ),
    )
    assert office.poll(id).status is Status.REJECTED
    evidence = office.events(id)[-1].evidence
    assert evidence["problems"] == [
        {
            "code": "platform_resource_corrupt",
            "field": "tracks[1]",
            "message": "A file arrived damaged. It says: ends early",
            "fix": "Send the distribution again. The platform asks for the message and all files.",
        }
    ]


def test_answers_that_are_late_or_come_twice_change_nothing(make_office: MakeOffice) -> None:
    office = make_office(Choreography(version=V.V16), OLD)
    id = office.distribute()
    first = office.work(id).message
    office.answered(id, Status.DISTRIBUTED)
    office.take_down(id)
    office.work(id)
    office.answered(id, Status.REMOVED)
    assert first is not None
    events = len(office.events(id))
    folder = office.dsp.folders.acknowledgements
    for file in sorted(folder.glob("ACK_*.xml")):
        shutil.copy(file, file.with_name(file.name.replace(".xml", "-again.xml")))
    batch, icpn = first["batch_id"], first["icpn"]
    day = f"{batch[:4]}-{batch[4:6]}-{batch[6:8]}"
    office.answer(f"ACK_{batch}_late_{icpn}.xml", _files_16(icpn, "InternalError", day))
    assert office.poll(id).status is Status.REMOVED
    noted = office.events(id)[events:]
    assert [(event.TOPIC, event.message_id) for event in noted] == [
        ("distribution.acknowledgement_noted", first["id"])
    ]


def test_what_matches_nothing_is_kept_once_and_shown(make_office: MakeOffice) -> None:
    office = make_office(Choreography(version=V.V16), Agreement("1.6", marker="never"))
    id = office.distribute()
    message = office.work(id).message
    assert message is not None
    office.answer("ACK_20260102030405006_A1.xml", _files_16("A1", "FileOK"))
    office.answer("ACK_20260102030405007_A1.xml", _files_16("A1", "FileOK"))
    office.answer("ACK_20260102030405008_1.xml", _files_16(message["icpn"], "FileOK"))
    office.answer("ACK_20260102030405009_1.xml", "<html/>")
    with (office.dsp.folders.acknowledgements / "ACK_20260102030405001_1.xml").open("wb") as file:
        file.truncate(5_000_000)  # holds up none of those after it
    assert office.poll(id).status is Status.PROCESSING_BY_PLATFORM
    office.poll(id)
    target_id = office.distribution(id).target_id
    with connect(office.environ["DEADWAX_DATABASE_URL"], "test") as connection:
        positions.wait_for(connection, _head(connection), ["kept_acknowledgements"])
        kept = kept_acknowledgements.page(connection, office.tenant_id, target_id).items
    assert {row.source for row in kept} == {"sftp"}
    by_code = {row.problems[0]["code"]: row for row in kept}
    # The two about A1 are one, byte for byte; the third is of a day without a message.
    assert sorted(row.problems[0]["code"] for row in kept) == [
        "ack_release_unknown",
        "ack_release_unknown",
        "ack_too_large",
        "ack_unknown",
    ]
    assert all(row.problems[0]["fix"] for row in kept)
    with office.container.asset_store.open(by_code["ack_unknown"].sha256) as file:
        assert file.read() == b"<html/>"


def _head(connection: Connection[Any]) -> int:
    row = connection.execute("SELECT max(position) FROM events").fetchone()
    assert row is not None
    return int(row[0])


def test_up_to_1_5_answers_lie_in_the_folder_of_the_batch(make_office: MakeOffice) -> None:
    office = make_office(Choreography(version=V.V15), Agreement("1.6", marker="never"))
    id = office.distribute()
    message = office.work(id).message
    assert message is not None
    batch = message["batch_id"]
    day = f"{batch[:4]}-{batch[4:6]}-{batch[6:8]}"
    beside = office.dsp.folders.upload / batch / f"ACK_{batch}_{message['icpn']}.xml"
    beside.write_text(_files_16(message["icpn"], "FileOK", day))
    office.answered(id, Status.DISTRIBUTED)  # once the read side says whom to ask about


def test_a_sender_that_the_platform_does_not_know_is_told_so(make_office: MakeOffice) -> None:
    office = make_office(
        Choreography(kind=SINGLE), senders=frozenset({"PADPIDA2013042401U"} - {LABEL_DPID})
    )
    id = office.distribute()
    office.work(id)
    office.answered(id, Status.REJECTED)
    (problem,) = office.events(id)[-1].evidence["problems"]
    assert problem["code"] == "platform_new_release_message_invalid"
    assert LABEL_DPID in problem["message"]
