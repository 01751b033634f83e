"""Acknowledgements: what each status means, and what is not believed."""

from __future__ import annotations

import pytest

from deadwax.application.messages import Acknowledgement, Outcome
from deadwax.domain.errors import Refused
from deadwax.infrastructure.ern.acknowledgement import LIMIT, read_acknowledgements

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


def release(status: str, *answers: str, error: str = "") -> str:
    told = f"<ErrorText>{error}</ErrorText>" if error else ""
    return (
        "<ReleaseStatus><ReleaseId><ICPN>5901234123457</ICPN></ReleaseId>"
        f"<ReleaseStatus>{status}</ReleaseStatus>{told}{''.join(answers)}</ReleaseStatus>"
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
        ("ProcessingErrorAtReleaseDistributor", Outcome.REJECTED),
        ("ReleaseViolatesTermsOfService", Outcome.REJECTED),
        ("RightsConflict", Outcome.REJECTED),
    ],
)
def test_status_of_the_release_is_the_outcome(status: str, outcome: Outcome) -> None:
    assert read(release(status, answer())) == [
        Acknowledgement(message_id="M1", outcome=outcome, status=status, information="")
    ]


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

    assert read(said) == [
        Acknowledgement(
            message_id="M1",
            outcome=Outcome.REJECTED,
            status="SuccessfullyIngestedByReleaseDistributor, ResourceMissing",
            information="One file is missing; A1",
        )
    ]


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
        (release("ProcessingErrorAtReleaseCreator", answer()), "ack_status_unknown"),
        (release("RightsConflict"), "ack_message_unnamed"),
        (release("RightsConflict", answer(message=" ")), "ack_message_unnamed"),
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


def test_acknowledgement_before_1_7_is_refused_because_it_names_no_message() -> None:
    old = (
        '<e:FtpAcknowledgementMessage xmlns:e="http://ddex.net/xml/ern-c-sftp/16">'
        "<AcknowledgedFile><ReleaseId>1</ReleaseId></AcknowledgedFile>"
        "<FileStatus>FileOK</FileStatus></e:FtpAcknowledgementMessage>"
    )

    assert codes(old.encode()) == ["ack_message_unnamed"]


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
