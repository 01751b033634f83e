"""Acknowledgements: what each status means, and what is not believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from deadwax.application.messages import Acknowledgement, Outcome
from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.ern.acknowledgement import LIMIT, read_acknowledgements
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.statuses import (
    ACTIONS,
    ADVICE,
    OK,
    RELEASE_OUTCOMES,
    UNCLEAR,
    code_of,
)
from deadwax.infrastructure.ern.versions import CHOREOGRAPHIES

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<a:AcknowledgementMessage xmlns:a="http://ddex.net/xml/ern-c-sftp/18" AvsVersionId="4">
<MessageHeader><MessageId>ACK1</MessageId></MessageHeader>"""
TAIL = "</a:AcknowledgementMessage>"


def answer(message: str = "M1", status: str = "FileOK", information: str = "") -> str:
    told = f"<Information>{information}</Information>" if information else ""
    return (
        "<Acknowledgement><MessageType>NewReleaseMessage</MessageType>"
        f"<MessageId>{message}</MessageId>"
        f"<MessageStatus><Status>{status}</Status>{told}</MessageStatus></Acknowledgement>"
    )


def release(
    status: str, *answers: str, error: str = "", release_id: str = "<ICPN>5901234123457</ICPN>"
) -> str:
    told = f"<ErrorText>{error}</ErrorText>" if error else ""
    return (
        f"<ReleaseStatus><ReleaseId>{release_id}</ReleaseId>"
        f"<ReleaseStatus>{status}</ReleaseStatus>{told}{''.join(answers)}</ReleaseStatus>"
    )


def of_files(status: str, more: str = "", version: str = "ern-c-sftp/16") -> list[Acknowledgement]:
    return read_acknowledgements(
        (
            f'<e:FtpAcknowledgementMessage xmlns:e="http://ddex.net/xml/{version}">'
            "<AcknowledgedFile><ReleaseId>A1</ReleaseId><Date>2026-01-02</Date></AcknowledgedFile>"
            f"<FileStatus>{status}</FileStatus>{more}</e:FtpAcknowledgementMessage>"
        ).encode()
    )


def read(*releases: str) -> list[Acknowledgement]:
    return read_acknowledgements((HEAD + "".join(releases) + TAIL).encode())


def codes(data: bytes) -> list[str]:
    with pytest.raises(Refused) as refused:
        read_acknowledgements(data)
    return [p.code for p in refused.value.problems]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("ReleaseReceivedByReleaseDistributor", Outcome.ACCEPTED),
        ("SuccessfullyIngestedByReleaseDistributor", Outcome.ACCEPTED),
        ("ReleaseStagedForPublication", Outcome.ACCEPTED),
        ("ReleaseMadeAvailableToConsumers", Outcome.LIVE),
        ("ReleaseNotAvailable", Outcome.REMOVED),
        ("ProcessingErrorAtReleaseCreator", Outcome.REJECTED),
        ("ProcessingErrorAtReleaseDistributor", Outcome.REJECTED),
        ("ReleaseViolatesTermsOfService", Outcome.REJECTED),
        ("RightsConflict", Outcome.REJECTED),
    ],
)
def test_status_of_the_release_is_the_outcome(status: str, outcome: Outcome) -> None:
    (said,) = read(release(status, answer()))

    assert (said.message_id, said.outcome, said.status) == ("M1", outcome, status)
    assert (said.information, said.release_ids, said.of_files) == ("", ("5901234123457",), False)
    assert bool(said.problems) is (outcome is Outcome.REJECTED)


@pytest.mark.parametrize(
    "status",
    [
        "OrderPlacedForReleaseDistributor",
        "InPreparationForDeliveryToReleaseDistributor",
        "InDeliveryToReleaseDistributor",
        "DeliveredToReleaseDistributor",
    ],
)
def test_status_of_something_on_its_way_decides_nothing(status: str) -> None:
    assert read(release(status, answer())) == []


def test_message_that_is_not_ok_is_rejected_whatever_the_release_status() -> None:
    said = release(
        "SuccessfullyIngestedByReleaseDistributor",
        answer(status="ResourceMissing", information="A1"),
        error="One file is missing",
    )

    (heard,) = read(said)

    assert heard.outcome is Outcome.REJECTED
    assert heard.status == "SuccessfullyIngestedByReleaseDistributor, ResourceMissing"
    assert heard.information == "One file is missing; A1"
    assert heard.problems == (
        Problem(
            "platform_resource_missing",
            "tracks",
            "A file did not arrive. It says: One file is missing; A1",
            "Send the distribution again.",
        ),
    )


def test_each_message_gets_one_answer_in_the_order_of_the_file() -> None:
    live, received = "ReleaseMadeAvailableToConsumers", "ReleaseReceivedByReleaseDistributor"

    said = read(release(received, answer("M2"), answer("M1")), release(live, answer("M1")))

    assert [(a.message_id, a.outcome) for a in said] == [
        ("M2", Outcome.ACCEPTED),
        ("M1", Outcome.LIVE),
    ]


def test_one_refused_release_refuses_the_message() -> None:
    said = read(
        release("RightsConflict", answer()), release("ReleaseMadeAvailableToConsumers", answer())
    )

    assert [a.outcome for a in said] == [Outcome.REJECTED]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (release("Splendid", answer()), "ack_status_unknown"),
        (release("UserDefined", answer()), "ack_status_unknown"),
        (release("RightsConflict", release_id=""), "ack_message_unnamed"),
        (release("RightsConflict", answer(message=" "), release_id=""), "ack_message_unnamed"),
        (release("RightsConflict", answer(status="UserDefined")), "ack_status_unknown"),
        (release("RightsConflict", answer(status="")), "ack_status_unknown"),
        (
            release("ReleaseNotAvailable", answer())
            + release("ReleaseMadeAvailableToConsumers", answer()),
            "ack_contradictory",
        ),
    ],
)
def test_answer_that_is_not_clear_is_refused_by_name(body: str, code: str) -> None:
    # Beside it, one that is clear: a file is understood as a whole or not at all.
    clear = release("ReleaseMadeAvailableToConsumers", answer("M9"))

    assert codes((HEAD + clear + body + TAIL).encode()) == [code]


def test_release_without_a_message_is_answered_by_its_ids() -> None:
    ids = "<GRid>A12425GABC1234002M</GRid><ICPN>5901234123457</ICPN>"

    (said,) = read(release("ReleaseMadeAvailableToConsumers", release_id=ids))

    assert (said.message_id, said.outcome) == (None, Outcome.LIVE)
    assert said.release_ids == ("A12425GABC1234002M", "5901234123457")


@pytest.mark.parametrize("version", ["ern-c/15", "ern-c-sftp/16"])
def test_files_of_a_release_are_answered_up_to_1_6(version: str) -> None:
    (said,) = of_files("FileOK", version=version)

    assert said == Acknowledgement(
        message_id=None,
        outcome=Outcome.ACCEPTED,
        status="FileOK",
        information="",
        release_ids=("A1",),
        day="2026-01-02",
        of_files=True,
    )


def test_refused_files_say_what_to_do_and_about_which_track() -> None:
    (said,) = of_files(
        "ResourceCorrupt",
        "<ErrorText>Track 1 ends early</ErrorText>"
        "<ProposedActionType>ResendXmlAndResources</ProposedActionType>"
        "<AffectedResource><ISRC>QZDWX2600001</ISRC></AffectedResource>",
    )

    assert (said.outcome, said.affected) == (Outcome.REJECTED, ("QZDWX2600001",))
    assert said.problems == (
        Problem(
            "platform_resource_corrupt",
            "tracks",
            "A file arrived damaged. It says: Track 1 ends early",
            "Send the distribution again. The platform asks for the message and all files.",
        ),
    )


@pytest.mark.parametrize("status", ["UserDefined", "Splendid", ""])
def test_file_status_that_is_not_clear_is_refused_by_name(status: str) -> None:
    with pytest.raises(Refused) as refused:
        of_files(status)

    assert [p.code for p in refused.value.problems] == ["ack_status_unknown"]


@pytest.mark.parametrize("name", ["ErnAcknowledgementStatusMessage", "AcknowledgementMessage"])
def test_1_7_is_read_under_both_its_names(name: str) -> None:
    body = release("ReleaseStagedForPublication", answer())
    xml = f'<e:{name} xmlns:e="http://ddex.net/xml/ern-c-sftp/17">{body}</e:{name}>'

    assert [a.outcome for a in read_acknowledgements(xml.encode())] == [Outcome.ACCEPTED]


@pytest.mark.parametrize("version", ["1.6", "1.8"])
def test_every_status_and_action_of_ddex_has_its_row(version: str, schemas: Path) -> None:
    """What DDEX adds has to be given a meaning before it is read."""

    def allowed(name: str) -> frozenset[str]:
        found = Schemas(schemas).allowed_values(CHOREOGRAPHIES[version], name)
        assert found is not None
        return found

    assert allowed("ErncFileStatus") - UNCLEAR - {OK} == ADVICE.keys() - RELEASE_OUTCOMES.keys()
    assert allowed("ErncProposedActionType") <= ACTIONS.keys()
    if version == "1.8":
        assert allowed("SupplyChainStatus") - UNCLEAR == RELEASE_OUTCOMES.keys()
        assert allowed("ErncProposedActionType") == ACTIONS.keys()
    refusals = {s for s, outcome in RELEASE_OUTCOMES.items() if outcome is Outcome.REJECTED}
    assert refusals <= ADVICE.keys()
    assert len({code_of(status) for status in ADVICE}) == len(ADVICE)


@pytest.mark.parametrize("name", ["Acknowledgement_16.xml", "Acknowledgement_18.xml"])
def test_samples_are_understood(name: str, schemas: Path) -> None:
    said = read_acknowledgements((schemas.parent / "samples" / "ern-c-sftp" / name).read_bytes())

    expected = {
        "Acknowledgement_16.xml": (None, Outcome.REJECTED, ("243352321142",)),
        "Acknowledgement_18.xml": ("M1", Outcome.ACCEPTED, ("5901234123457",)),
    }
    assert [(a.message_id, a.outcome, a.release_ids) for a in said] == [expected[name]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml_malformed"),
        (b"\x00\x01\x02", "xml_malformed"),
        (HEAD.encode(), "xml_malformed"),
        (b"<html/>", "ack_unknown"),
        (b"<a>" + b" " * LIMIT + b"</a>", "xml_too_large"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "xml_doctype"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>', "xml_doctype"),
    ],
)
def test_bytes_that_are_no_acknowledgement_are_refused(data: bytes, code: str) -> None:
    assert codes(data) == [code]


def test_words_of_a_stranger_are_kept_short() -> None:
    (said,) = read(release("RightsConflict", answer(information="x" * 100_000)))

    assert len(said.information) == 2_000
