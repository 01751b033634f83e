"""What the XSDs catch: the errors that DSPs report, in each version that has them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from lxml import etree
from tests.ern.mutations import (
    MESSAGES,
    Break,
    after,
    before,
    both,
    broken,
    duplicate,
    first,
    inside,
    move_before,
    remove,
    remove_all,
    rename,
    set_attribute,
    set_text,
)

from deadwax.application.messages import SchemaCheck
from deadwax.infrastructure.ern.check import check
from deadwax.infrastructure.ern.findings import Checked, Finding
from deadwax.infrastructure.ern.schemas import Schemas

THREE = ("ern-382", "ern-383")
FOUR = ("ern-411", "ern-42", "ern-43", "ern-432")
ERN = THREE + FOUR

RECORDING = "ResourceList/SoundRecording"
RELEASE = "ReleaseList/Release"
TERMS = "DealList/ReleaseDeal/Deal/DealTerms"
FILE = f"{RECORDING}//File"
GENRE = f"{RELEASE}/DisplayGenre"


@dataclass(frozen=True)
class Case:
    """`words` are what libxml2 says; `field` is what it is about, in the release."""

    number: str
    messages: tuple[str, ...]
    change: Break
    words: str
    field: str = ""


def _tail(*names: str) -> Break:
    """Put these DealTerms in front, in this order."""

    def change(root: etree._Element) -> None:
        terms = first(root, TERMS)
        for name in reversed(names):
            for element in reversed(terms.findall(name)):
                terms.insert(0, element)

    return change


ENUMERATION = "[facet 'enumeration'] The value '{}' is not an element of the set"

CASES = [
    Case(
        "1",
        ("ern-43", "ern-432"),
        set_attribute(".", "AvsVersionId", None),
        "The attribute 'AvsVersionId' is required but missing.",
    ),
    Case(
        "2",
        FOUR,
        set_attribute(".", "LanguageAndScriptCode", None),
        "The attribute 'LanguageAndScriptCode' is required but missing.",
    ),
    Case(
        "5",
        FOUR,
        after("MessageHeader", "<UpdateIndicator>OriginalMessage</UpdateIndicator>"),
        "Element 'UpdateIndicator': This element is not expected. Expected is ",
    ),
    Case(
        "6",
        FOUR,
        _tail("CommercialModelType", "UseType"),
        "Element 'CommercialModelType': This element is not expected. Expected is one of ( "
        "TerritoryCode, ExcludedTerritoryCode, ValidityPeriod ).",
        "deals[0].models",
    ),
    Case(
        "6b",
        THREE,
        _tail("TerritoryCode"),
        "Element 'TerritoryCode': This element is not expected. Expected is one of ( "
        "IsPreOrderDeal, CommercialModelType, Usage, AllDealsCancelled, TakeDown ).",
        "deals[0].territories",
    ),
    Case(
        "7",
        FOUR,
        both(
            before(f"{TERMS}/UseType", "<Usage><UseType>OnDemandStream</UseType></Usage>"),
            remove(f"{TERMS}/UseType"),
        ),
        "Element 'Usage': This element is not expected.",
        "deals[0].uses",
    ),
    Case(
        "7",
        FOUR,
        inside(TERMS, "<TakeDown>true</TakeDown>"),
        "Element 'TakeDown': This element is not expected.",
        "deals[0]",
    ),
    Case(
        "8",
        ("ern-42", "ern-43", "ern-432"),  # 4.1.1 asks for no start
        remove(f"{TERMS}/ValidityPeriod/StartDateTime"),
        "Expected is one of ( StartDate, StartDateTime ).",
        "deals[0].start",
    ),
    Case(
        "9",
        FOUR,
        remove_all(f"{TERMS}/ValidityPeriod"),
        "Element 'CommercialModelType': This element is not expected.",
        "deals[0].start",
    ),
    Case(
        "10",
        ERN,
        set_text("DealList/ReleaseDeal[2]/Deal/DealTerms/TerritoryCode", "USA"),
        ENUMERATION.format("USA"),
        "deals[0].territories",
    ),
    Case(
        "11",
        ERN,
        after(
            "DealList/ReleaseDeal[2]/Deal/DealTerms/TerritoryCode",
            "<ExcludedTerritoryCode>US</ExcludedTerritoryCode>",
        ),
        "Element 'ExcludedTerritoryCode': This element is not expected.",
        "deals[0].territories",
    ),
    Case(
        "12",
        ERN,
        set_text(f"{TERMS}//UseType", "Streaming"),
        ENUMERATION.format("Streaming"),
        "deals[0].uses",
    ),
    Case(
        "12",
        ERN,
        set_text(f"{TERMS}/CommercialModelType", "Subscription"),
        ENUMERATION.format("Subscription"),
        "deals[0].models",
    ),
    Case(
        "12",
        ("ern-42", "ern-43", "ern-432"),
        set_text(f"{TERMS}/CommercialModelType", "AsPerContract"),
        ENUMERATION.format("AsPerContract"),
        "deals[0].models",
    ),
    Case(
        "13",
        FOUR,
        set_text("MessageHeader/MessageSender/PartyId", "PA-DPIDA-2013042401-U"),
        "is not accepted by the pattern 'PADPIDA[a-zA-Z0-9]+'.",
        "sender",
    ),
    Case(
        "13",
        FOUR,
        set_text("MessageHeader/MessageRecipient/PartyId", "PADPIDB2013042401U"),
        "is not accepted by the pattern 'PADPIDA[a-zA-Z0-9]+'.",
        "recipient",
    ),
    Case(
        "14",
        ERN,
        set_text(f"{RECORDING}/ResourceReference", "1"),
        "'1' is not a valid value of the local atomic type.",
        "tracks[",
    ),
    Case(
        "15",
        ERN,
        set_text(f"{RECORDING}/Duration", "2:28"),
        "'2:28' is not a valid value of the atomic type 'xs:duration'.",
        "tracks[0].duration",
    ),
    Case(
        "16",
        ERN,
        set_text("MessageHeader/MessageCreatedDateTime", "2014-09-24"),
        "'2014-09-24' is not a valid value of the atomic type 'xs:dateTime'.",
    ),
    Case(
        "17",
        ("ern-411", "ern-42", "ern-43"),
        remove(f"{RECORDING}/ParentalWarningType"),
        "Element 'IsInstrumental': This element is not expected.",
        "tracks[0].parental_warning",
    ),
    Case(
        "18",
        FOUR,
        remove(f"{RELEASE}/DisplayArtistName"),
        "Element 'DisplayArtist': This element is not expected.",
        "artist_names",
    ),
    Case(
        "19",
        ("ern-43", "ern-432"),
        move_before(
            f"{RECORDING}/SoundRecordingEdition/ResourceId", f"{RECORDING}/SoundRecordingEdition"
        ),
        "Element 'ResourceId': This element is not expected. Expected is ( SoundRecordingEdition",
        "tracks[0]",
    ),
    Case(
        "19",
        ("ern-43", "ern-432"),
        move_before(FILE, f"{RECORDING}//DeliveryFile"),
        "Element 'File': This element is not expected. Expected is one of ( DeliveryFile,",
        "tracks[0].audio",
    ),
    Case(
        "20",
        FOUR,
        both(
            before(
                f"{FILE}/HashSum/Algorithm",
                "<HashSum>d41d8cd98f00b204e9800998ecf8427e</HashSum>",
            ),
            rename(f"{FILE}/HashSum/Algorithm", "HashSumAlgorithmType"),
            remove(f"{FILE}/HashSum/HashSumValue"),
        ),
        "Element 'HashSum': This element is not expected. Expected is ( Algorithm ).",
        "tracks[0].audio",
    ),
    Case(
        "20",
        FOUR,
        set_text(f"{FILE}/HashSum/Algorithm", "SHA256"),
        ENUMERATION.format("SHA256"),
        "tracks[0].audio",
    ),
    Case(
        "20",
        THREE,
        set_text(f"{FILE}/HashSum/HashSumAlgorithmType", "SHA256"),
        ENUMERATION.format("SHA256"),
        "tracks[0].audio",
    ),
    Case(
        "21",
        FOUR,
        rename(f"{FILE}/URI", "FileName"),
        "Element 'FileName': This element is not expected. Expected is ( URI ).",
        "tracks[0].audio",
    ),
    Case(
        "21",
        THREE,
        both(rename(f"{FILE}/FileName", "FileURL"), remove(f"{FILE}/FilePath")),
        "Element 'FileURL': This element is not expected. Expected is one of ( FileName, URL ).",
        "tracks[0].audio",
    ),
    Case(
        "22",
        ERN,
        set_attribute("ResourceList/Image//ProprietaryId", "Namespace", None),
        "The attribute 'Namespace' is required but missing.",
        "cover",
    ),
    Case(
        "23",
        FOUR,
        remove_all("DealList/*"),
        "Element 'DealList': Missing child element(s). Expected is ( ReleaseDeal ).",
        "deals",
    ),
    Case(
        "24",
        FOUR,
        set_attribute(".", "ReleaseProfileVersionId", "AudioAlbum"),
        ENUMERATION.format("AudioAlbum"),
    ),
    Case(
        "24",
        FOUR,
        duplicate(RELEASE),
        "Element 'Release': This element is not expected.",
    ),
    Case(
        "25",
        ("ern-432",),
        rename(GENRE, "Genre"),
        "Element 'Genre': This element is not expected. Expected is ( DisplayGenre ).",
        "genre",
    ),
    Case(
        "25",
        ("ern-432",),
        after(
            f"{RELEASE}/DisplayTitle",
            "<AdditionalTitle><TitleText>x</TitleText></AdditionalTitle>",
        ),
        "Element 'AdditionalTitle': This element is not expected.",
        "titles",
    ),
]
EACH = [(one, message) for one in CASES for message in one.messages]


@pytest.fixture(scope="module")
def sets(schemas: Path) -> Schemas:
    return Schemas(schemas)


def by_schema(checked: Checked) -> list[Finding]:
    assert checked.schema is SchemaCheck.NOT_CHECKED
    return [f for f in checked.findings if f.code == "ern_schema"]


@pytest.mark.parametrize(
    ("one", "message"), EACH, ids=[f"{c.number}-{i}-{m}" for i, (c, m) in enumerate(EACH)]
)
def test_error_is_told_in_the_words_of_the_schema_with_its_place_and_field(
    one: Case, message: str, sets: Schemas
) -> None:
    found = by_schema(check(broken(message, one.change), sets))

    assert any(one.words in f.message for f in found), [f.message for f in found]
    (told, *_) = (f for f in found if one.words in f.message)
    assert told.field.startswith(one.field or "/"), told.field
    assert told.xpath.startswith("/")
    assert told.line > 1
    assert told.column > 0
    assert told.document.startswith("XSD of ERN ")


@pytest.mark.parametrize("message", ERN)
def test_children_with_a_namespace_are_not_expected(message: str, sets: Schemas) -> None:  # 3
    xml = (MESSAGES / f"{message}.xml").read_bytes()
    spoilt = xml.replace(b"<ern:", b"<").replace(b"</ern:", b"</").replace(b"xmlns:ern", b"xmlns")

    (first_error, *_) = by_schema(check(spoilt, sets))

    assert "MessageHeader': This element is not expected." in first_error.message
    assert "Expected is ( MessageHeader )." in first_error.message
    assert first_error.line > 1


@pytest.mark.parametrize("message", ERN)
def test_namespace_of_another_version_does_not_fit(message: str, sets: Schemas) -> None:  # 4
    number = message.removeprefix("ern-").encode()
    xml = (MESSAGES / f"{message}.xml").read_bytes()

    unknown = check(xml.replace(b"/ern/" + number, b"/ern/37"), sets)
    other = b"43" if message in THREE else b"382"
    wrong = check(xml.replace(b"/ern/" + number + b'"', b"/ern/" + other + b'"'), sets)

    assert [f.code for f in unknown.findings] == ["ern_version_unknown"]
    assert by_schema(wrong)


def test_raw_ampersand_is_not_well_formed(sets: Schemas) -> None:  # 26
    xml = (MESSAGES / "ern-43.xml").read_bytes().replace(b"&amp;", b"&")

    (found,) = check(xml, sets).findings

    assert found.code == "xml_malformed"
    assert "xmlParseEntityRef: no name" in found.message
    assert "Line " in found.message
