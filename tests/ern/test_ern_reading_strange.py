"""Messages as no schema would have them: nothing is dropped silently, and nothing breaks."""

from __future__ import annotations

import contextlib
import copy
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from deadwax.application.imported import Fate
from deadwax.domain.errors import Refused
from deadwax.infrastructure.ern.reading.reader import DdexReader
from deadwax.infrastructure.ern.untrusted import Element, parse_untrusted
from deadwax.infrastructure.ern.versions import READ_ONLY

SAMPLES = [
    "ern-382/Profile_VideoSingle.xml",
    "ern-382/Profile_AudioAlbumMusicOnly.xml",
    "ern-42/1 Audio.xml",
    "ern-42/2 Video.xml",
    "ern-43/1 Audio.xml",
    "ern-43/2 Video.xml",
    "minimal/single_432.xml",
    "minimal/purge_43.xml",
]
TEXTS = ["", " ", "x", "-1", "0", "999999999999999999999", "A1", "R0", "true", "Worldwide", "\t\n"]
TEXTS += ["PT99999999999S", "P1Y", "2026-99-99", "9999-12-31", "\u0085", "ja-", "x" * 600, "1e9"]


def trees(samples: Path) -> list[Element]:
    return [parse_untrusted((samples / name).read_bytes()) for name in SAMPLES]


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_element_that_nobody_knows_is_named_wherever_it_stands(
    data: st.DataObject, samples: Path
) -> None:
    root = copy.deepcopy(data.draw(st.sampled_from(trees(samples))))
    holders = [e for e in root.iter() if len(e)]
    holder = data.draw(st.sampled_from(holders))
    strange = etree.Element("Strange", Odd="attribute")
    strange.text = "something"
    holder.insert(data.draw(st.integers(0, len(holder))), strange)

    report = DdexReader().read(etree.tostring(root)).report

    found = [(d.path.rpartition("/")[2], d.value, d.fate) for d in report if "Strange" in d.path]
    assert found == [
        ("Strange", "something", Fate.NO_PLACE),
        ("@Odd", "attribute", Fate.NO_PLACE),
    ]


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_attribute_that_nobody_knows_is_named_wherever_it_stands(
    data: st.DataObject, samples: Path
) -> None:
    root = copy.deepcopy(data.draw(st.sampled_from(trees(samples))))
    data.draw(st.sampled_from([e for e in root.iter() if not len(e)])).set("Odd", "attribute")

    report = DdexReader().read(etree.tostring(root)).report

    found = [(d.value, d.fate) for d in report if d.path.endswith("/@Odd")]
    assert found == [("attribute", Fate.NO_PLACE)]


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_mutilated_message_is_read_or_refused_and_never_breaks(
    data: st.DataObject, samples: Path
) -> None:
    root = copy.deepcopy(data.draw(st.sampled_from(trees(samples))))
    for _ in range(data.draw(st.integers(1, 6))):
        element = data.draw(st.sampled_from(list(root.iter())))
        parent = element.getparent()
        change = data.draw(st.sampled_from(["text", "attribute", "twice", "gone", "swapped"]))
        if change == "text":
            element.text = data.draw(st.sampled_from(TEXTS)).replace("\x00", "")
        elif change == "attribute" and element.attrib:
            element.set(str(element.keys()[0]), data.draw(st.sampled_from(TEXTS)))
        elif parent is not None and change == "twice":
            parent.append(copy.deepcopy(element))
        elif parent is not None and change == "gone":
            parent.remove(element)
        elif parent is not None and change == "swapped":
            parent.insert(0, element)

    with contextlib.suppress(Refused):
        message = DdexReader().read(etree.tostring(root))
        assert all(d.path.startswith("/") for d in message.report)


def test_release_that_says_nothing_becomes_no_draft(samples: Path) -> None:
    root = parse_untrusted((samples / "ern-43/1 Audio.xml").read_bytes())
    (releases,) = root.findall("ReleaseList")
    releases.insert(0, etree.Element("Release"))

    message = DdexReader().read(etree.tostring(root))

    assert message.metadata is None
    assert any("Without a title" in d.why for d in message.report)


def test_length_beyond_any_recording_is_left_out(samples: Path) -> None:
    root = parse_untrusted((samples / "ern-43/1 Audio.xml").read_bytes())
    for duration in root.iter("Duration"):
        duration.text = "PT20000H"

    message = DdexReader().read(etree.tostring(root))

    assert message.metadata is not None
    assert {track.duration for track in message.metadata.tracks} == {None}
    assert any(d.fate is Fate.INVALID and "longer than" in d.why for d in message.report)


@pytest.mark.parametrize("standard", READ_ONLY, ids=lambda s: s.name)
def test_versions_that_are_never_sent_are_read(standard: object, samples: Path) -> None:
    """3.8, 3.8.1 and 4.1 are read like the next version of their family."""
    like = {"3": "ern-382/Profile_AudioSingle.xml", "4": "ern-42/1 Audio.xml"}
    version = standard.name.removeprefix("ERN ")  # type: ignore[attr-defined]
    xml = (samples / like[version[0]]).read_bytes()
    for namespace in (b"http://ddex.net/xml/ern/382", b"http://ddex.net/xml/ern/42"):
        xml = xml.replace(namespace, standard.namespace.encode())  # type: ignore[attr-defined]

    message = DdexReader().read(xml)

    assert message.version == version
    assert message.metadata is not None
    assert message.metadata.tracks


def test_message_full_of_strange_things_takes_bounded_time_and_room() -> None:
    body = b"<A b='c'>d</A>" * 200_000
    xml = b'<e:NewReleaseMessage xmlns:e="http://ddex.net/xml/ern/43">%b</e:NewReleaseMessage>'
    started = time.process_time()

    report = DdexReader().read(xml % body).report

    assert len(report) == 20_001
    assert report[-1].why == "There are more than 20000; the rest is not listed."
    assert time.process_time() - started < 60


@pytest.mark.parametrize(("refs", "deals"), [(2_000, 2_000), (1, 12_000)])
def test_more_deals_than_a_release_can_have_are_refused(
    samples: Path, refs: int, deals: int
) -> None:
    root = parse_untrusted((samples / "ern-43/1 Audio.xml").read_bytes())
    (part, *_) = root.iterfind("DealList/ReleaseDeal")
    for _ in range(refs):
        part.insert(0, copy.deepcopy(part[0]))
    (terms,) = part.findall("Deal[1]/DealTerms")
    for n in range(deals):
        start = terms.find("ValidityPeriod/StartDate")
        assert start is not None
        start.text = f"{2000 + n % 8000}-01-{1 + n // 8000:02d}"
        part.append(copy.deepcopy(terms.getparent()))

    with pytest.raises(Refused) as refused:
        DdexReader().read(etree.tostring(root))

    assert [p.code for p in refused.value.problems] == ["deals_too_many"]


def test_deals_that_cannot_be_held_are_named_and_never_wider(samples: Path) -> None:
    """What narrows a deal and has no place says so."""
    xml = (samples / "ern-43/1 Audio.xml").read_text()
    xml = xml.replace(
        "<PriceInformation>", "<NumberOfUsages>3</NumberOfUsages><PriceInformation>", 1
    )
    report = DdexReader().read(xml.encode()).report
    (limit,) = [d for d in report if d.path.endswith("NumberOfUsages")]
    assert limit.why == "The model has no place for it: the deal is held without this limit."
