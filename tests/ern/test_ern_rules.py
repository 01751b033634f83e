"""Every rule of ours: a message that keeps it, and one that breaks it and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.ern.mutations import (
    MESSAGES,
    Break,
    after,
    before,
    both,
    broken,
    duplicate,
    inside,
    remove,
    remove_all,
    set_attribute,
    set_text,
)

from deadwax.application.messages import SchemaCheck
from deadwax.domain import profiles
from deadwax.domain.vocabulary import Profile as ReleaseProfile
from deadwax.infrastructure.ern import check as checking
from deadwax.infrastructure.ern.check import check
from deadwax.infrastructure.ern.checks import delivery
from deadwax.infrastructure.ern.checks.catalogue import RULES
from deadwax.infrastructure.ern.checks.profiles import PROFILES
from deadwax.infrastructure.ern.checks.rule import Rule
from deadwax.infrastructure.ern.findings import Severity
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.versions import STANDARDS

THREE = ("ern-382", "ern-383")
FOUR = ("ern-411", "ern-42", "ern-43", "ern-432")
EDITIONS = ("ern-43", "ern-432")
FLAGS = ("ern-42", "ern-43", "ern-432")
ERN = THREE + FOUR

RECORDING = "ResourceList/SoundRecording"
RELEASE = "ReleaseList/Release"
TRACK = "ReleaseList/TrackRelease"
MAIN = "ReleaseList/Release[@IsMainRelease]"
DETAILS = f"{MAIN}/ReleaseDetailsByTerritory"
TERMS = "DealList/ReleaseDeal/Deal/DealTerms"
FIRST_ISRC = f"{RECORDING}//ISRC"
SECOND = f"{RECORDING}[2]"
SENDER = "MessageHeader/MessageSender/PartyId"


@dataclass(frozen=True)
class Case:
    """`change` breaks `rule` in each of `messages`. `also`: what must break with it."""

    rule: str
    messages: tuple[str, ...]
    change: Break
    also: frozenset[str] = frozenset()


def case(rule: str, messages: tuple[str, ...], change: Break, *also: str) -> Case:
    return Case(rule, messages, change, frozenset(also))


CASES = [
    # Part B of the errors that DSPs report, in its order.
    case(  # 1
        "ern_reference_dangling",
        ERN,
        set_text("DealList/ReleaseDeal/DealReleaseReference", "R99"),
        "ern_deal_missing",
    ),
    case(
        "ern_reference_dangling",
        FOUR,
        set_text(f"{RECORDING}/DisplayArtist/ArtistPartyReference", "PNobody"),
    ),
    case("ern_reference_dangling", FOUR, set_text(f"{TRACK}/ReleaseLabelReference", "PNobody")),
    case(  # 2
        "ern_reference_duplicate",
        ERN,
        set_text(f"{SECOND}/ResourceReference", "A1"),
        "ern_reference_dangling",
    ),
    case(
        "ern_reference_duplicate",
        ERN,
        set_text(f"{SECOND}//TechnicalResourceDetailsReference", "T1"),
    ),
    case("ern_isrc_invalid", ERN, set_text(FIRST_ISRC, "QZDWX260100")),  # 3
    case("ern_isrc_invalid", ERN, set_text(FIRST_ISRC, "qzdwx2601001")),
    case("ern_isrc_invalid", ERN, set_text(FIRST_ISRC, "QZ-DWX-26-01001")),
    case(  # 4
        "ern_isrc_missing",
        FOUR,
        both(
            before(FIRST_ISRC, '<ProprietaryId Namespace="X">1</ProprietaryId>'),
            remove(FIRST_ISRC),
        ),
    ),
    case("ern_isrc_missing", THREE, remove(FIRST_ISRC)),
    case("ern_icpn_invalid", ERN, set_text(f"{RELEASE}/ReleaseId/ICPN", "5901234123458")),  # 5
    case("ern_icpn_invalid", ERN, set_text(f"{RELEASE}/ReleaseId/ICPN", "")),
    case(  # 6
        "ern_track_release_missing",
        FOUR,
        both(remove(TRACK), remove("DealList/ReleaseDeal[2]/DealReleaseReference")),
    ),
    case(
        "ern_track_release_missing",
        THREE,
        both(
            remove("ReleaseList/Release[2]"),
            remove("DealList/ReleaseDeal[2]/DealReleaseReference"),
        ),
    ),
    case(
        "ern_track_release_missing",
        FOUR,
        both(
            duplicate(TRACK),
            set_text(f"{TRACK}[2]/ReleaseReference", "R9"),
            duplicate("DealList/ReleaseDeal[2]/DealReleaseReference"),
            set_text("DealList/ReleaseDeal[2]/DealReleaseReference[2]", "R9"),
        ),
    ),
    case(  # 7
        "ern_resource_unused",
        FOUR,
        remove_all(f"{RELEASE}//LinkedReleaseResourceReference"),
    ),
    case(
        "ern_resource_unused",
        THREE,
        both(
            remove(f"{MAIN}/ReleaseResourceReferenceList/ReleaseResourceReference[3]"),
            remove(f"{DETAILS}/ResourceGroup/ResourceGroupContentItem"),
        ),
    ),
    case("ern_deal_missing", ERN, remove("DealList/ReleaseDeal")),  # 8
    case("ern_deal_missing", ERN, remove("DealList")),
    case("ern_track_deal_missing", ERN, remove("DealList/ReleaseDeal[2]/DealReleaseReference")),
    case("ern_cover_missing", FOUR, set_text("ResourceList/Image/Type", "BackCoverImage")),  # 9
    case("ern_cover_missing", THREE, set_text("ResourceList/Image/ImageType", "BackCoverImage")),
    case(  # 10
        "ern_main_release",
        THREE,
        set_attribute(MAIN, "IsMainRelease", None),
    ),
    case("ern_main_release", THREE, set_attribute(f"{RELEASE}[3]", "IsMainRelease", "true")),
    case(  # 11
        "ern_sequence_duplicate",
        THREE,
        set_text(f"{DETAILS}/ResourceGroup/ResourceGroup//ResourceGroupContentItem[2]/*", "1"),
    ),
    case(
        "ern_sequence_duplicate",
        FOUR,
        set_text(f"{RELEASE}/ResourceGroup/ResourceGroup[2]/SequenceNumber", "1"),
    ),
    case(  # 12
        "ern_date_invalid",
        THREE,
        set_text(f"{TERMS}/ValidityPeriod/StartDate", "2004-13-45"),
    ),
    case("ern_date_invalid", FOUR, set_text(f"{RELEASE}/ReleaseDate", "2004-13-45")),
    case(
        "ern_period_reversed",
        THREE,
        set_text(f"{TERMS}/ValidityPeriod/EndDate", "2026-12-03"),
    ),
    case(
        "ern_period_reversed",
        FOUR,
        set_text(f"{TERMS}/ValidityPeriod/EndDateTime", "2020-01-01T00:00:00Z"),
    ),
    case(  # 13
        "ern_release_dates_reversed",
        THREE,
        set_text(f"{DETAILS}/OriginalReleaseDate", "2027-01-01"),
    ),
    case(
        "ern_release_dates_reversed",
        THREE,
        set_text(f"{MAIN}/GlobalOriginalReleaseDate", "2027"),
    ),
    case(
        "ern_release_dates_reversed",
        FOUR,
        set_text(f"{RELEASE}/OriginalReleaseDate", "2027-01-01"),
    ),
    case("ern_dpid_invalid", ERN, set_text(SENDER, "PADPIDA2013042401V")),  # 14
    case("ern_dpid_invalid", THREE, set_text(SENDER, "hello")),
    case(
        "ern_dpid_invalid",
        THREE,
        both(
            set_text(f"{DETAILS}/DisplayArtist/PartyId", "PADPIDA2013042401V"),
            set_attribute(f"{DETAILS}/DisplayArtist/PartyId", "IsDPID", "true"),
            set_attribute(f"{DETAILS}/DisplayArtist/PartyId", "IsISNI", None),
        ),
    ),
    case("ern_dpid_invalid", FOUR, set_text("PartyList/Party/PartyId/DPID", "PADPIDA2007050901V")),
    case(  # 16
        "ern_profile_resource",
        THREE,
        both(
            set_text(f"{DETAILS}/ResourceGroup/ResourceGroup//ReleaseResourceReference", "A3"),
        ),
        "ern_track_release_missing",
    ),
    case(
        "ern_profile_resource",
        FOUR,
        set_text(f"{RELEASE}//ResourceGroupContentItem/ReleaseResourceReference", "A3"),
        "ern_track_release_missing",
    ),
    case(  # 17
        "ern_manifest_count",
        ("manifest-16", "manifest-18"),
        set_text("NumberOfMessages", "3"),
    ),
    case(  # 18
        "ern_message_id_missing",
        (*ERN, "purge-382", "purge-43"),
        set_text("MessageHeader/MessageId", " "),
    ),
    # What else we look for.
    case(
        "ern_message_id_missing",
        ("manifest-16", "manifest-18"),
        set_text("MessageInBatch/MessageId", ""),
    ),
    case(
        "ern_message_id_missing",
        ("acknowledgement-18",),
        set_text("ReleaseStatus/Acknowledgement/MessageId", ""),
    ),
    case(
        "ern_release_id_missing",
        ERN,
        both(remove(f"{RELEASE}/ReleaseId/ICPN"), remove(f"{RELEASE}/ReleaseId/GRid")),
    ),
    case(
        "ern_release_id_missing",
        ("purge-382", "purge-43"),
        remove("PurgedRelease/ReleaseId/ICPN"),
    ),
    case(
        "ern_profile_single",
        FOUR,
        set_attribute(".", "ReleaseProfileVersionId", "SimpleAudioSingle"),
    ),
    case(
        "ern_profile_single",
        THREE,
        set_attribute(".", "ReleaseProfileVersionId", "CommonReleaseTypes/14/SimpleVideoSingle"),
        "ern_profile_resource",
    ),
    case(
        "ern_profile_unknown",
        THREE,
        set_attribute(".", "ReleaseProfileVersionId", "CommonReleaseTypesTypes/13/AudioAlbum"),
    ),
    case("ern_profile_missing", ERN, set_attribute(".", "ReleaseProfileVersionId", None)),
    case(
        "ern_update_indicator",
        THREE,
        after("MessageHeader", "<UpdateIndicator>OriginalMessage</UpdateIndicator>"),
    ),
    case(
        "ern_takedown_deprecated",
        THREE,
        both(after(f"{TERMS}/Usage", "<TakeDown>true</TakeDown>"), remove(f"{TERMS}/Usage")),
    ),
    case(
        "ern_territory_tis",
        FOUR,
        both(
            after(f"{TERMS}/ExcludedTerritoryCode[2]", "<TerritoryCode>2130</TerritoryCode>"),
            remove(f"{TERMS}/ExcludedTerritoryCode[2]"),
            remove(f"{TERMS}/ExcludedTerritoryCode"),
        ),
    ),
    case("ern_territory_tis", THREE, set_text(f"{TERMS}/TerritoryCode", "2130")),
    case("ern_grid_invalid", ERN, set_text(f"{RELEASE}/ReleaseId/GRid", "A12425GABC1234002N")),
    case("ern_iswc_invalid", ERN, set_text(f"{RECORDING}//ISWC", "T0345246802")),
    case("ern_isni_invalid", FOUR, set_text("PartyList/Party/PartyId/ISNI", "0000000121032684")),
    case(
        "ern_isni_invalid", THREE, set_text(f"{DETAILS}/DisplayArtist/PartyId", "0000000121032684")
    ),
    case("ern_ipi_invalid", FOUR, set_text("PartyList/Party/PartyId/IpiNameNumber", "00014107339")),
    case("ern_ipn_invalid", FOUR, inside("PartyList/Party/PartyId[ISNI]", "<IPN>I-PN</IPN>")),
    case("ern_hash_missing", ERN, remove(f"{RECORDING}//File/HashSum")),
    case("ern_hash_invalid", FOUR, set_text(f"{RECORDING}//HashSumValue", "d41d8cd9")),
    case("ern_hash_invalid", THREE, set_text(f"{RECORDING}//HashSum/HashSum", "d41d8cd9")),
    case(
        "ern_hash_invalid",
        THREE,
        set_text(f"{RECORDING}//HashSum/HashSumDataType", "Binary64"),
    ),
    case("ern_hash_invalid", ("manifest-16",), set_text("MessageInBatch/HashSum/HashSum", "x")),
    case(
        "ern_hash_invalid", ("manifest-18",), set_text("MessageInBatch/HashSum/HashSumValue", "x")
    ),
    case(
        "ern_manifest_duplicate",
        ("manifest-16", "manifest-18"),
        set_text("MessageInBatch[2]/MessageId", "m1"),
    ),
    case(
        "ern_icpn_invalid",
        ("manifest-16", "manifest-18"),
        set_text("MessageInBatch/IncludedReleaseId/ICPN", "1"),
    ),
    case("ern_icpn_invalid", ("purge-382", "purge-43"), set_text("PurgedRelease//ICPN", "1")),
    case("ern_isrc_invalid", ("acknowledgement-16",), set_text("AffectedResource/ISRC", "1")),
    case(
        "ern_date_invalid", ("acknowledgement-16",), set_text("AcknowledgedFile/Date", "2026-02-30")
    ),
    case(
        "ern_dpid_invalid",
        ("manifest-16", "manifest-18", "acknowledgement-16"),
        set_text(SENDER, "hello"),
    ),
]
EACH = [(one, message) for one in CASES for message in one.messages]
ALL = sorted(path.stem for path in MESSAGES.glob("*.xml"))
BY_ID = {rule.id: rule for rule in RULES}


@pytest.fixture(scope="module")
def sets(schemas: Path) -> Schemas:
    return Schemas(schemas)


@pytest.mark.parametrize("message", ALL)
def test_message_without_fault_keeps_every_rule(message: str, sets: Schemas) -> None:
    checked = check((MESSAGES / f"{message}.xml").read_bytes(), sets)

    assert checked.schema is SchemaCheck.VALID
    assert checked.findings == ()


@pytest.mark.parametrize(
    ("one", "message"), EACH, ids=[f"{c.rule}-{i}-{m}" for i, (c, m) in enumerate(EACH)]
)
def test_fault_is_found_by_its_rule_and_no_other(one: Case, message: str, sets: Schemas) -> None:
    checked = check(broken(message, one.change), sets)

    assert checked.schema is SchemaCheck.VALID, "the XSD finds it by itself"
    found = {f.code: f for f in checked.findings}
    assert found.keys() == {one.rule} | one.also
    assert found[one.rule].severity is BY_ID[one.rule].severity
    assert found[one.rule].document == BY_ID[one.rule].document
    for finding in checked.findings:
        assert finding.xpath.startswith("/")
        assert finding.line > 0
        assert finding.column > 0
        assert finding.message
        assert finding.fix


@pytest.mark.parametrize(
    "rule", [r for r in RULES if r not in delivery.RULES], ids=lambda rule: rule.id
)
def test_every_rule_has_a_case_for_each_family_it_is_for(rule: Rule) -> None:
    family_of = {s.folder: s.family for s in STANDARDS if s.folder}
    broken_in = {family_of.get(message) for one, message in EACH if one.rule == rule.id}

    assert broken_in, "no case"
    assert rule.families <= broken_in


def test_rules_have_ids_of_their_own_and_say_where_they_come_from() -> None:
    assert len(BY_ID) == len(RULES)
    for rule in RULES:
        assert rule.id.startswith("ern_")
        assert rule.document
        assert rule.fix.endswith(".")
        assert rule.meaning.endswith(".")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_that_crashes_is_an_error_and_never_a_pass(
    rule: Rule, sets: Schemas, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(message: object) -> object:
        raise RuntimeError("no")

    crashing = tuple(Rule(**{**r.__dict__, "find": crash}) if r.id == rule.id else r for r in RULES)
    monkeypatch.setattr(checking, "RULES", crashing)
    checking._rules_for.cache_clear()
    try:
        found = [check((MESSAGES / f"{name}.xml").read_bytes(), sets) for name in ALL]
    finally:
        checking._rules_for.cache_clear()

    crashed = [f for checked in found for f in checked.errors]
    assert crashed
    assert {f.code for f in crashed} == {"ern_rule_crashed"}
    assert all(rule.id in f.message for f in crashed)


def test_rules_need_no_schemas() -> None:
    checked = check(broken("ern-43", set_text("MessageHeader/MessageId", "")), Schemas(None))

    assert checked.schema is SchemaCheck.NOT_CHECKED
    assert [f.code for f in checked.findings] == ["ern_message_id_missing"]


def test_warnings_are_no_errors(sets: Schemas) -> None:
    checked = check(broken("ern-43", set_attribute(".", "ReleaseProfileVersionId", None)), sets)

    assert [f.severity for f in checked.findings] == [Severity.WARNING]
    assert checked.errors == []


def test_items_of_one_number_are_told_apart_by_their_sub_number(sets: Schemas) -> None:
    item = f"{DETAILS}/ResourceGroup/ResourceGroup/ResourceGroupContentItem"
    change = both(
        set_text(f"{item}[2]/SequenceNumber", "1"),
        after(f"{item}[1]/SequenceNumber", "<SequenceSubNumber>1</SequenceSubNumber>"),
        after(f"{item}[2]/SequenceNumber", "<SequenceSubNumber>2</SequenceSubNumber>"),
    )

    checked = check(broken("ern-382", change), sets)

    assert (checked.schema, checked.findings) == (SchemaCheck.VALID, ())


@pytest.mark.parametrize("name", ["ern-42", "ern-43", "ern-432"])
def test_file_that_is_not_delivered_needs_no_hash_and_no_deal(name: str, sets: Schemas) -> None:
    def change(root):  # type: ignore[no-untyped-def]
        for flag in root.iter("IsProvidedInDelivery"):
            flag.text = "false"
        root.remove(root.find("DealList"))
        remove(f"{RECORDING}//File/HashSum")(root)

    assert check(broken(name, change), sets).errors == []


@pytest.mark.parametrize("profile", ReleaseProfile)
def test_rules_ask_of_a_profile_what_we_send(profile: ReleaseProfile) -> None:
    terms, asked = profiles.TERMS[profile], PROFILES[profile.value]
    played = {"Video" if is_video else "SoundRecording" for is_video in terms.videos}

    assert played <= asked.primary
    assert asked.tracks == terms.track_releases
    assert terms.one_track or not asked.single
