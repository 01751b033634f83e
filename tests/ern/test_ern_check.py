"""What a check tells: place, field and source of each problem; of samples and in threads."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import etree
from tests.conftest import required
from tests.ern.mutations import (
    MESSAGES,
    Break,
    both,
    broken,
    first,
    inside,
    move_before,
    remove,
    set_attribute,
    set_text,
)

from deadwax.application.messages import SchemaCheck
from deadwax.domain.errors import Problem
from deadwax.infrastructure.ern.check import check
from deadwax.infrastructure.ern.checks import names
from deadwax.infrastructure.ern.findings import Finding
from deadwax.infrastructure.ern.schemas import Schema, Schemas
from deadwax.infrastructure.ern.versions import STANDARDS, Family

XS = "{http://www.w3.org/2001/XMLSchema}"
THREE = ("ern-382", "ern-383")
FOUR = ("ern-411", "ern-42", "ern-43", "ern-432")
MAIN = "ReleaseList/Release"
DETAILS = f"{MAIN}/ReleaseDetailsByTerritory"
RECORDING = "ResourceList/SoundRecording"


@pytest.fixture(scope="module")
def sets(schemas: Path) -> Schemas:
    return Schemas(schemas)


def test_finding_is_a_problem_with_its_place_and_source(sets: Schemas) -> None:
    xml = broken("ern-43", set_text(f"{RECORDING}[2]//ISRC", "QZ-1"))
    line = next(n for n, text in enumerate(xml.decode().splitlines(), 1) if "QZ-1" in text)

    checked = check(xml, sets)

    assert checked.findings == (
        Finding(
            code="ern_isrc_invalid",
            field="tracks[1].isrc",
            message="'QZ-1' is not a valid Isrc.",
            fix="Give two letters, three letters or digits and seven digits, without hyphens.",
            document="ErncFileStatus IdentifierSyntaxInvalid",
            xpath="/ern:NewReleaseMessage/ResourceList/SoundRecording[2]"
            "/SoundRecordingEdition/ResourceId/ISRC",
            line=line,
            column=11,
        ),
    )
    assert isinstance(checked.findings[0], Problem)
    assert (checked.standard, checked.message) == ("ERN 4.3", "NewReleaseMessage")


def test_findings_come_in_the_order_of_the_file(sets: Schemas) -> None:
    change = both(
        set_text(f"{MAIN}/ReleaseId/ICPN", "1"),
        set_text(f"{RECORDING}/Duration", "2:28"),
        set_text("MessageHeader/MessageId", ""),
    )

    found = check(broken("ern-42", change), sets).findings

    assert [f.code for f in found] == ["ern_message_id_missing", "ern_schema", "ern_icpn_invalid"]
    assert [f.line for f in found] == sorted(f.line for f in found)


def test_column_is_right_on_a_long_line_and_beyond_65535_lines(sets: Schemas) -> None:
    xml = broken("ern-43", set_text(f"{MAIN}/ReleaseId/ICPN", "1")).decode()
    one_line = "".join(line.strip() for line in xml.splitlines())
    far_down = xml.replace("<PartyList>", "\n" * 70_000 + "<PartyList>")

    (flat,) = check(one_line.encode(), sets).findings
    (deep,) = check(far_down.encode(), sets).findings

    assert flat.line == 1
    assert one_line[flat.column - 1 :].startswith("<ICPN>1<")
    assert far_down.splitlines()[deep.line - 1].strip() == "<ICPN>1</ICPN>"


# What one wrong value makes of the field, by element and family.
FIELDS: list[tuple[tuple[str, ...], Break, str]] = [
    (FOUR, set_text("PartyList/Party[1]/PartyId/ISNI", "1"), "artists"),
    (FOUR, set_text("PartyList/Party[5]/PartyId/DPID", "PADPIDA1"), "label"),
    (
        FOUR,
        set_text("PartyList/Party[4]/PartyId/IpiNameNumber", "00000000001"),
        "tracks[0].contributors",
    ),
    (FOUR, set_text("ReleaseList/TrackRelease[2]/ReleaseLabelReference", "PX"), "tracks[1]"),
    (FOUR, set_text(f"{MAIN}/ReleaseDate", "2026-02-30"), "release_date"),
    (FOUR, set_text(f"{MAIN}/OriginalReleaseDate", "2027"), "original_release_date"),
    (FOUR, set_text(f"{MAIN}/ReleaseType", "Elpee"), "type"),
    (FOUR, set_text(f"{MAIN}/ParentalWarningType", "Rude"), "parental_warning"),
    (FOUR, set_text(f"{RECORDING}[2]/LanguageOfPerformance", "x!"), "tracks[1].language"),
    (FOUR, set_text("ResourceList/Image//HashSumValue", "x"), "cover"),
    (FOUR, set_text("DealList/ReleaseDeal[1]/Deal[3]/DealTerms/UseType", "x"), "deals[1].uses"),
    (FOUR, inside(f"{RECORDING}/DisplayTitle", "<Oops/>"), "tracks[0].title"),
    (THREE, set_text(f"{DETAILS}/DisplayArtist/PartyId", "1"), "artists"),
    (THREE, set_text(f"{DETAILS}/ReleaseDate", "2026-02-30"), "release_date"),
    (THREE, set_text(f"{MAIN}/GlobalReleaseDate", "2026-02-30"), "release_date"),
    (THREE, set_text(f"{MAIN}/ReleaseType", "Elpee"), "type"),
    (THREE, set_text(f"{MAIN}[3]/ReleaseId/ISRC", "x"), "tracks[1].isrc"),
    (THREE, set_text(f"{RECORDING}[2]//ISRC", "x"), "tracks[1].isrc"),
    (THREE, set_text(f"{RECORDING}[2]//ParentalWarningType", "Rude"), "tracks[1].parental_warning"),
    (THREE, set_text("ResourceList/Image//HashSum/HashSum", "x"), "cover"),
    (
        THREE,
        set_text("DealList/ReleaseDeal/Deal[2]/DealTerms/TerritoryCode", "x"),
        "deals[1].territories",
    ),
    (
        THREE,
        set_text("DealList/ReleaseDeal/Deal/DealTerms/PreOrderReleaseDate", "2026-02-30"),
        "deals[0].pre_order_from",
    ),
    (THREE + FOUR, set_text("MessageHeader/MessageRecipient/PartyId", "PADPIDA1"), "recipient"),
    (THREE + FOUR, remove(f"{RECORDING}[2]//ISRC"), "tracks[1]"),
]


@pytest.mark.parametrize(
    ("message", "change", "field"),
    [(m, change, field) for messages, change, field in FIELDS for m in messages],
)
def test_field_is_that_of_the_release_as_the_api_names_it(
    message: str, change: Break, field: str, sets: Schemas
) -> None:
    found = check(broken(message, change), sets).findings

    assert {f.field for f in found} == {field}


@pytest.mark.parametrize("message", ["ern-382", "ern-43"])
def test_tracks_are_counted_as_the_release_plays_them(message: str, sets: Schemas) -> None:
    """Not as the ResourceList happens to list them."""
    change = both(
        move_before(f"{RECORDING}[2]", f"{RECORDING}[1]"),
        set_text(f"{RECORDING}[1]//ISRC", "x"),
    )

    (found,) = check(broken(message, change), sets).findings

    assert found.field == "tracks[1].isrc"


def test_every_field_is_one_of_the_api() -> None:
    from dataclasses import fields

    from deadwax.domain.deals import Deal
    from deadwax.domain.metadata import ReleaseMetadata
    from deadwax.domain.target import TargetSettings
    from deadwax.domain.tracks import Track
    from deadwax.infrastructure.ern import fields as table

    for names_, kind in (
        (table.OF_RELEASE, ReleaseMetadata),
        (table.OF_TRACK, Track),
        (table.OF_DEAL, Deal),
        (table.OF_HEADER, TargetSettings),
    ):
        assert set(names_.values()) <= {f.name for f in fields(kind)}


# Some samples of DDEX hold placeholders; what we find in them is true of them.
PLACEHOLDERS = {"ern_message_id_missing", "ern_dpid_invalid"}
IN_SAMPLES: dict[str, set[str]] = {
    "LiveCycle_PurgeReleases.xml": PLACEHOLDERS | {"ern_icpn_invalid"},
    "LiveCycle_Takedown.xml": PLACEHOLDERS | {"ern_main_release"},
    "ProfileVariant_PreOrders_Preview.xml": PLACEHOLDERS | {"ern_main_release"},
    "Profile_AudioAlbumMusicOnly.xml": PLACEHOLDERS
    | {"ern_deal_missing", "ern_grid_invalid", "ern_iswc_invalid", "ern_hash_missing"},
    "Profile_AudioSingle.xml": PLACEHOLDERS
    | {"ern_deal_missing", "ern_grid_invalid", "ern_iswc_invalid", "ern_hash_missing"},
    "Profile_VideoSingle.xml": PLACEHOLDERS
    | {"ern_deal_missing", "ern_grid_invalid", "ern_iswc_invalid", "ern_hash_missing"},
    "Acknowledgement_16.xml": {"ern_dpid_invalid"},
    "Acknowledgement_18.xml": {"ern_dpid_invalid"},
    "BatchComplete_16.xml": {"ern_dpid_invalid", "ern_icpn_invalid"},
    "BatchComplete_18.xml": {"ern_dpid_invalid"},
}


def test_samples_of_ddex_are_valid_but_for_their_placeholders(schemas: Path, sets: Schemas) -> None:
    samples = sorted((schemas.parent / "samples").rglob("*.xml"))
    required(samples, "DDEX samples beside the schemas")

    for sample in samples:
        checked = check(sample.read_bytes(), sets)
        assert checked.schema is SchemaCheck.VALID, sample
        assert {e.code for e in checked.errors} == IN_SAMPLES.get(sample.name, set()), sample


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_threads")
def test_threads_do_not_see_each_others_errors(schemas: Path) -> None:
    """Each of many threads has a message with an error of its own, or with none."""
    schema = Schema(schemas / "ern-43" / "release-notification.xsd")
    together = threading.Barrier(8)

    def one(number: int) -> set[str]:
        duration = f"3:{number:02d}" if number % 4 else "PT1M"
        root = etree.fromstring(broken("ern-43", set_text(f"{RECORDING}/Duration", duration)))
        schema.errors(root)
        together.wait()
        return {error.message for _ in range(40) for error in schema.errors(root)}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))

    for number, words in enumerate(answers):
        if number % 4:
            assert words
            assert all(f"'3:{number:02d}'" in word for word in words)
        else:
            assert words == set()


def types_of(schema: etree._Element) -> dict[str, str]:
    """The simple base of each named type."""
    bases = {}
    for kind in schema.iterfind("*[@name]"):
        for path in (f"{XS}restriction", f"{XS}simpleContent/{XS}extension"):
            if (step := kind.find(path)) is not None:
                bases[str(kind.get("name"))] = step.get("base", "")
    return bases


def base_of(element: etree._Element, bases: dict[str, str]) -> str:
    """`xs:ID`, `xs:IDREF`, or the name of the type that the element's rests on."""
    name = element.get("type")
    if name is None:
        step = element.find(f"{XS}simpleType/{XS}restriction")
        name = "" if step is None else step.get("base", "")
    seen = set()
    while (short := name.split(":")[-1]) in bases and short not in {"ddex_IsoDate", *seen}:
        seen.add(short)
        name = bases[short]
    return name


@pytest.mark.parametrize("family", Family)
def test_names_that_rules_look_for_are_those_of_the_schemas(family: Family, schemas: Path) -> None:
    found: dict[str, set[str]] = {}
    for standard in STANDARDS:
        if standard.family is family and standard.folder:
            schema = etree.parse(schemas / standard.folder / standard.file).getroot()
            bases = types_of(schema)
            for element in schema.iter(f"{XS}element"):
                base = base_of(element, bases).split(":")[-1]
                found.setdefault(base, set()).add(str(element.get("name")))

    assert set(names.ANCHORS[family]) == found["ID"]
    assert set(names.POINTERS[family]) == found["IDREF"]
    assert set(names.DATES[family]) == found["ddex_IsoDate"]
    assert set(names.IDENTIFIERS) - {"DPID", "IPN", "ISNI", "IpiNameNumber"} <= {
        name for names_ in found.values() for name in names_
    }


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"<a/>", "ern_unknown"),
        (b'<a xmlns="http://ddex.net/xml/ern/37"/>', "ern_version_unknown"),
        (b'<a xmlns="http://ddex.net/xml/mead/11"/>', "ern_version_unknown"),
    ],
)
def test_what_is_no_message_of_ours_is_said_to_be_none(
    xml: bytes, code: str, sets: Schemas
) -> None:
    checked = check(xml, sets)

    assert checked.schema is SchemaCheck.NOT_CHECKED
    assert [f.code for f in checked.findings] == [code]


@pytest.mark.parametrize("number", ["38", "381", "41"])
def test_version_without_schema_is_checked_by_our_rules_alone(number: str, sets: Schemas) -> None:
    like = "ern-382" if number != "41" else "ern-411"
    xml = (MESSAGES / f"{like}.xml").read_bytes().replace(like[4:].encode(), number.encode())

    good = check(xml, sets)
    bad = check(xml.replace(b">QZDWX2601001<", b">x<"), sets)

    assert (good.schema, good.findings) == (SchemaCheck.NOT_CHECKED, ())
    assert {f.code for f in bad.findings} == {"ern_isrc_invalid"}


def test_profile_decides_what_is_asked_of_resources(sets: Schemas) -> None:
    ringtone = both(
        set_attribute(".", "ReleaseProfileVersionId", "Ringtone"),
        lambda root: first(root, f"{RECORDING}//ResourceId").append(
            etree.fromstring('<ProprietaryId Namespace="X">1</ProprietaryId>')
        ),
        remove(f"{RECORDING}//ISRC"),
    )

    assert check(broken("ern-43", ringtone), sets).findings == ()
    assert Counter(
        f.code
        for f in check(
            broken(
                "ern-43", both(ringtone, set_attribute(".", "ReleaseProfileVersionId", "Audio"))
            ),
            sets,
        ).findings
    ) == {"ern_isrc_missing": 1}
