"""Every way we know of breaking a valid message, and the code that it is reported by."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import etree

from deadwax.application.messages import BatchSpec, MessageSpec, SchemaCheck
from deadwax.infrastructure.ern.builder import DdexMessages

Element = etree._Element
Break = Callable[[Element], None]


def set_text(path: str, text: str) -> Break:
    def change(root: Element) -> None:
        _first(root, path).text = text

    return change


def remove(path: str) -> Break:
    def change(root: Element) -> None:
        found = _first(root, path)
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)

    return change


def duplicate(path: str) -> Break:
    def change(root: Element) -> None:
        found = _first(root, path)
        found.addnext(copy.deepcopy(found))

    return change


def both(*changes: Break) -> Break:
    def change(root: Element) -> None:
        for one in changes:
            one(root)

    return change


def _first(root: Element, path: str) -> Element:
    found = root.find(path)
    assert found is not None, path
    return found


RECORDING = "ResourceList/SoundRecording"
EDITION = f"{RECORDING}/SoundRecordingEdition"
DELIVERY = f"{EDITION}/TechnicalDetails/DeliveryFile"
RELEASE = "ReleaseList/Release"
TRACK = "ReleaseList/TrackRelease"
ITEM = f"{RELEASE}/ResourceGroup/ResourceGroup/ResourceGroupContentItem"
PERIOD = "DealList/ReleaseDeal/Deal/DealTerms/ValidityPeriod"

# What the XSD lets pass.
OWN: dict[str, tuple[Break, set[str]]] = {
    "deal for no release": (
        set_text("DealList/ReleaseDeal[2]/DealReleaseReference", "R99"),
        {"ern_reference_dangling", "ern_deal_missing"},
    ),
    "artist nobody knows": (
        set_text(f"{RECORDING}/DisplayArtist/ArtistPartyReference", "PNobody"),
        {"ern_reference_dangling"},
    ),
    "label nobody knows": (
        set_text(f"{TRACK}/ReleaseLabelReference", "PNobody"),
        {"ern_reference_dangling"},
    ),
    "two resources of one reference": (
        set_text(f"{RECORDING}[2]/ResourceReference", "A1"),
        {"ern_reference_duplicate", "ern_reference_dangling", "ern_primary_not_recording"},
    ),
    "two files of one reference": (
        set_text(
            f"{RECORDING}[2]/SoundRecordingEdition/TechnicalDetails/"
            "TechnicalResourceDetailsReference",
            "T1",
        ),
        {"ern_reference_duplicate"},
    ),
    "ISRC of 11": (set_text(f"{EDITION}/ResourceId/ISRC", "QZDWX260100"), {"ern_isrc_invalid"}),
    "ISRC in lower case": (
        set_text(f"{EDITION}/ResourceId/ISRC", "qzdwx2601001"),
        {"ern_isrc_invalid"},
    ),
    "ISRC with dashes": (
        set_text(f"{EDITION}/ResourceId/ISRC", "QZ-DWX-26-01001"),
        {"ern_isrc_invalid"},
    ),
    "no ISRC": (remove(f"{EDITION}/ResourceId/ISRC"), {"ern_isrc_missing"}),
    "ICPN check digit": (
        set_text(f"{RELEASE}/ReleaseId/ICPN", "5901234123458"),
        {"ern_icpn_invalid"},
    ),
    "empty ICPN": (set_text(f"{RELEASE}/ReleaseId/ICPN", ""), {"ern_icpn_invalid"}),
    "GRid check character": (
        set_text(f"{RELEASE}/ReleaseId/GRid", "A12425GABC1234002N"),
        {"ern_grid_invalid"},
    ),
    "release without id": (
        both(remove(f"{RELEASE}/ReleaseId/ICPN"), remove(f"{RELEASE}/ReleaseId/GRid")),
        {"ern_release_id_missing"},
    ),
    "ISWC check digit": (set_text(f"{RECORDING}/WorkId/ISWC", "T0345246802"), {"ern_iswc_invalid"}),
    "ISNI check digit": (
        set_text("PartyList/Party/PartyId/ISNI", "0000000121032684"),
        {"ern_isni_invalid"},
    ),
    "IPI check digits": (
        set_text("PartyList/Party/PartyId/IpiNameNumber", "00014107339"),
        {"ern_ipi_invalid"},
    ),
    "no track release": (
        both(remove(TRACK), remove("DealList/ReleaseDeal[2]/DealReleaseReference")),
        {"ern_track_release_missing"},
    ),
    "two track releases": (
        both(
            duplicate(TRACK),
            set_text(f"{TRACK}[2]/ReleaseReference", "R9"),
            duplicate("DealList/ReleaseDeal[2]/DealReleaseReference"),
            set_text("DealList/ReleaseDeal[2]/DealReleaseReference[2]", "R9"),
        ),
        {"ern_track_release_missing"},
    ),
    "unused resource": (
        remove(f"{RELEASE}/ResourceGroup/LinkedReleaseResourceReference"),
        {"ern_resource_unused"},
    ),
    "track release without deal": (
        remove("DealList/ReleaseDeal[2]/DealReleaseReference"),
        {"ern_deal_missing"},
    ),
    "release without deal": (remove("DealList/ReleaseDeal"), {"ern_deal_missing"}),
    "files without any deal": (remove("DealList"), {"ern_deal_missing"}),
    "no front cover": (
        set_text("ResourceList/Image/Type", "BackCoverImage"),
        {"ern_cover_missing"},
    ),
    "track number twice": (set_text(f"{ITEM}[2]/SequenceNumber", "1"), {"ern_sequence_duplicate"}),
    "disc number twice": (
        set_text(f"{RELEASE}/ResourceGroup/ResourceGroup[2]/SequenceNumber", "1"),
        {"ern_sequence_duplicate"},
    ),
    "date of no calendar": (
        set_text(f"{RELEASE}/ReleaseDate", "2004-13-45"),
        {"ern_date_invalid"},
    ),
    "period that ends first": (
        set_text(f"{PERIOD}/EndDateTime", "2020-01-01T00:00:00Z"),
        {"ern_period_reversed"},
    ),
    "first release after the release": (
        set_text(f"{RELEASE}/OriginalReleaseDate", "2027-01-01"),
        {"ern_release_dates_reversed"},
    ),
    "sender's check character": (
        set_text("MessageHeader/MessageSender/PartyId", "PADPIDA2013042401V"),
        {"ern_dpid_invalid"},
    ),
    "recipient's check character": (
        set_text("MessageHeader/MessageRecipient/PartyId", "PADPIDA2009101501Z"),
        {"ern_dpid_invalid"},
    ),
    "label's check character": (
        set_text("PartyList/Party/PartyId/DPID", "PADPIDA2007050901V"),
        {"ern_dpid_invalid"},
    ),
    "hash of another length": (
        set_text(f"{DELIVERY}/File/HashSum/HashSumValue", "d41d8cd9"),
        {"ern_hash_invalid"},
    ),
    "file without hash": (remove(f"{DELIVERY}/File/HashSum"), {"ern_hash_missing"}),
    "cover as a track": (
        set_text(f"{ITEM}/ReleaseResourceReference", "A4"),
        {"ern_primary_not_recording", "ern_track_release_missing"},
    ),
    "empty message id": (set_text("MessageHeader/MessageId", " "), {"ern_message_id_missing"}),
}


@pytest.mark.parametrize("case", OWN)
def test_what_the_xsd_lets_pass_is_found_by_name(
    case: str, album_spec: MessageSpec, messages: DdexMessages
) -> None:
    change, codes = OWN[case]
    root = etree.fromstring(messages.build(album_spec).xml)
    change(root)

    schema, problems = messages.check(etree.tostring(root))

    assert schema is SchemaCheck.VALID, "the XSD finds it by itself"
    assert {p.code for p in problems} == codes
    assert all(p.field.startswith("/ern:NewReleaseMessage") for p in problems)
    assert all(p.message.startswith("Line ") for p in problems)


# Some of what the XSD does catch: its words and places must reach the caller.
BY_SCHEMA: dict[str, tuple[Break, str]] = {
    "no AvsVersionId": (lambda r: r.attrib.pop("AvsVersionId") and None, "AvsVersionId"),
    "territory": (set_text("DealList/ReleaseDeal[2]/Deal/DealTerms/TerritoryCode", "USA"), "USA"),
    "use": (set_text("DealList/ReleaseDeal/Deal/DealTerms/UseType", "Streaming"), "Streaming"),
    "duration": (set_text(f"{RECORDING}/Duration", "2:28"), "2:28"),
    "hash name": (set_text(f"{DELIVERY}/File/HashSum/Algorithm", "SHA256"), "SHA256"),
    "no warning": (remove(f"{RECORDING}/ParentalWarningType"), "ParentalWarningType"),
    "no display name": (remove(f"{RELEASE}/DisplayArtistName"), "DisplayArtistName"),
    "two releases": (duplicate(RELEASE), "Release"),
    "no start": (remove(f"{PERIOD}/StartDateTime"), "StartDate"),
}


@pytest.mark.parametrize("case", BY_SCHEMA)
def test_what_the_xsd_finds_is_told_with_its_place(
    case: str, album_spec: MessageSpec, messages: DdexMessages
) -> None:
    change, word = BY_SCHEMA[case]
    root = etree.fromstring(messages.build(album_spec).xml)
    change(root)

    schema, problems = messages.check(etree.tostring(root))

    assert schema is SchemaCheck.NOT_CHECKED
    found = [p for p in problems if p.code == "ern_schema"]
    assert any(word in p.message for p in found)
    assert all(p.field.startswith("/") for p in found)


def test_own_rules_also_find_it_without_schemas(album_spec: MessageSpec) -> None:
    messages = DdexMessages(None)
    root = etree.fromstring(messages.build(album_spec).xml)
    set_text("MessageHeader/MessageId", "")(root)

    schema, problems = messages.check(etree.tostring(root))

    assert schema is SchemaCheck.NOT_CHECKED
    assert [p.code for p in problems] == ["ern_message_id_missing"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (set_text("NumberOfMessages", "2"), "ern_manifest_count"),
        (set_text("MessageInBatch/MessageId", ""), "ern_message_id_missing"),
        (set_text("MessageInBatch/HashSum/HashSumValue", "x"), "ern_hash_invalid"),
        (set_text("MessageInBatch/IncludedReleaseId/ICPN", "1"), "ern_icpn_invalid"),
        (set_text("MessageHeader/MessageSender/PartyId", "hello"), "ern_dpid_invalid"),
    ],
)
def test_broken_manifest_is_found_by_name(
    change: Break, code: str, batch_spec: BatchSpec, messages: DdexMessages
) -> None:
    root = etree.fromstring(messages.manifest(batch_spec))
    change(root)

    assert [p.code for p in messages.check(etree.tostring(root))[1]] == [code]


BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">' + b"".join(
    b'<!ENTITY b%d "%s">' % (n, b"&b%d;" % (n - 1) * 10 if n else b"&b;" * 10) for n in range(12)
)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "xml_malformed"),
        (b"not xml", "xml_malformed"),
        (b"<a>AT&T</a>", "xml_malformed"),
        (b"<!DOCTYPE a><a/>", "xml_doctype"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "xml_doctype"),
        (b"<a/>", "ern_unknown"),
        (b'<a xmlns="http://ddex.net/xml/ern/382"/>', "ern_version_unknown"),
    ],
)
def test_bytes_that_are_no_message_of_ours_are_reported_not_raised(
    xml: bytes, code: str, messages: DdexMessages
) -> None:
    schema, (problem,) = messages.check(xml)

    assert schema is SchemaCheck.NOT_CHECKED
    assert problem.code == code
    assert "root:" not in problem.message


@pytest.mark.parametrize("rest", [b"]><a>&b11;</a>", b']><a b="&b11;"/>'])
def test_entity_bomb_is_refused_before_or_by_its_doctype(
    rest: bytes, messages: DdexMessages
) -> None:
    _, (problem,) = messages.check(BOMB + rest)

    assert problem.code in ("xml_malformed", "xml_doctype")


def test_ddex_samples_of_this_version_have_no_problems(
    schemas: Path, messages: DdexMessages
) -> None:
    samples = sorted((schemas.parent / "samples" / "ern-43").glob("*.xml"))
    if not samples:
        pytest.skip("There are no DDEX samples beside the schemas.")

    for sample in samples:
        assert messages.check(sample.read_bytes()) == (SchemaCheck.VALID, []), sample.name


def test_threads_do_not_see_each_others_errors(
    album_spec: MessageSpec, messages: DdexMessages
) -> None:
    good = messages.build(album_spec).xml
    bad = good.replace(b"PT3M1S", b"3:01")
    with ThreadPoolExecutor(8) as pool:
        checked = list(pool.map(messages.check, itertools.islice(itertools.cycle([good, bad]), 64)))

    assert all(problems == [] for _, problems in checked[::2])
    assert all({p.code for p in problems} == {"ern_schema"} for _, problems in checked[1::2])
