"""What becomes of complete batches, one pass after the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree
from tests.sandbox.house import AVAILABLE, INGESTED, NOT_AVAILABLE, REFUSED, House
from tests.sandbox.packages import ICPN, Package

AUDIO = f"resources/{ICPN}_01_001.wav"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_complete_batch_goes_live_and_leaves_the_senders_sight(house: House) -> None:
    package = Package()
    house.receive(package)
    live = house.folders.live / ICPN
    assert (live / f"{ICPN}.xml").read_bytes() == package.ern()
    assert (live / AUDIO).read_bytes() == package.audio
    assert house.statuses() == [INGESTED, AVAILABLE]
    assert {found.message_id for found in house.acknowledgements()} == {"M1"}
    assert [path.name for path in house.folders.upload.iterdir()] == ["acknowledgements"]
    assert (house.folders.archive / package.folder / ICPN / AUDIO).exists()


def test_a_batch_without_its_manifest_is_left_alone(house: House) -> None:
    package = Package()
    package.write(house.folders.upload)
    manifest = house.folders.upload / package.folder / f"BatchComplete_{package.batch_id}.xml"
    manifest.rename(manifest.with_name(manifest.name + ".part"))
    house.run()
    assert house.live() == []
    assert not house.folders.journal.exists()
    manifest.with_name(manifest.name + ".part").rename(manifest)
    house.run()
    assert house.live() == [ICPN]


def test_unfinished_files_are_not_published(house: House) -> None:
    package = Package()
    package.write(house.folders.upload)
    (house.folders.upload / package.folder / ICPN / "resources" / "x.wav.part").write_bytes(b"x")
    house.run()
    assert list((house.folders.live / ICPN).rglob("*.part")) == []


def test_folders_that_are_no_batches_are_left_alone(house: House) -> None:
    (house.folders.upload / "X_20260102030405000").mkdir()
    (house.folders.upload / "N_123").mkdir()
    house.run()
    assert not house.folders.journal.exists()


def test_batches_are_taken_in_the_order_of_their_ids(house: House) -> None:
    Package(batch_id="20260102030405002", message_id="M2", title="Later").write(
        house.folders.upload
    )
    Package(batch_id="20260102030405001", message_id="M1", title="Sooner").write(
        house.folders.upload
    )
    house.run()
    assert [record["batch"] for record in house.journal("ingested")] == [
        "N_20260102030405001",
        "N_20260102030405002",
    ]
    assert b"Later" in (house.folders.live / ICPN / f"{ICPN}.xml").read_bytes()


def test_an_update_replaces_what_is_live(house: House) -> None:
    house.receive(Package())
    update = Package(batch_id="20260102030405001", message_id="M2", title="New", audio=b"RIFF new")
    house.receive(update)
    assert (house.folders.live / ICPN / f"{ICPN}.xml").read_bytes() == update.ern()
    assert (house.folders.live / ICPN / AUDIO).read_bytes() == b"RIFF new"
    assert house.statuses() == [INGESTED, AVAILABLE] * 2


def test_a_takedown_takes_the_release_from_consumers_and_keeps_both_messages(
    house: House,
) -> None:
    first = Package()
    house.receive(first)
    takedown = Package(batch_id="20260102030405001", message_id="M2").takedown()
    house.receive(takedown)
    removed = house.folders.removed / ICPN
    assert house.live() == []
    assert (removed / f"{ICPN}.xml").read_bytes() == first.ern()
    assert (removed / AUDIO).exists()
    assert (removed / "takedown.xml").read_bytes() == takedown.ern()
    assert house.statuses() == [INGESTED, AVAILABLE, INGESTED, NOT_AVAILABLE]
    assert len(house.journal("published")) == len(house.journal("removed")) == 1


def test_a_takedown_of_what_was_never_here_is_confirmed(house: House) -> None:
    house.receive(Package().takedown())
    assert house.statuses() == [INGESTED, NOT_AVAILABLE]


def test_a_release_comes_back_after_its_takedown(house: House) -> None:
    house.receive(Package())
    house.receive(Package(batch_id="20260102030405001", message_id="M2").takedown())
    house.receive(Package(batch_id="20260102030405002", message_id="M3"))
    assert house.live() == [ICPN]


def test_the_same_message_again_is_acknowledged_and_not_published_again(house: House) -> None:
    house.receive(Package())
    published = (house.folders.live / ICPN).stat().st_ino
    house.receive(Package())
    assert len(house.journal("duplicate")) == 1
    assert len(house.journal("published")) == 1
    assert (house.folders.live / ICPN).stat().st_ino == published
    assert house.statuses() == [INGESTED, AVAILABLE] * 2


def test_a_duplicate_after_the_takedown_is_told_the_truth(house: House) -> None:
    house.receive(Package())
    house.receive(Package(batch_id="20260102030405001", message_id="M2").takedown())
    house.receive(Package())
    assert house.statuses()[-2:] == [INGESTED, NOT_AVAILABLE]
    assert house.live() == []


def test_a_message_id_used_for_another_message_is_refused(house: House) -> None:
    house.receive(Package())
    house.receive(Package(batch_id="20260102030405001", title="Other"))
    assert house.statuses()[-1] == REFUSED
    assert house.acknowledgements()[-1].statuses == ("IdentifierInvalid",)
    assert b"Other" not in (house.folders.live / ICPN / f"{ICPN}.xml").read_bytes()


def test_a_refused_message_may_come_again_complete(house: House) -> None:
    package = Package()
    package.write(house.folders.upload)
    (house.folders.upload / package.folder / ICPN / AUDIO).unlink()
    house.run()
    assert house.statuses() == [REFUSED]
    house.receive(package)
    assert house.statuses() == [REFUSED, INGESTED, AVAILABLE]


def test_messages_of_different_senders_may_have_the_same_id(house: House) -> None:
    house.receive(Package())
    other = Package(batch_id="20260102030405001", sender="PADPIDA2013042401U", icpn="5901234123464")
    house.receive(other)
    assert house.live() == [ICPN, "5901234123464"]


def test_publication_can_come_later_than_ingestion(tmp_path: Path) -> None:
    house = House(tmp_path, live_after=3600)
    house.receive(Package())
    assert house.statuses() == [INGESTED]
    assert house.live() == []
    House(tmp_path, live_after=3600).run()
    assert house.live() == []


def test_without_consuming_a_batch_stays_and_is_ingested_once(tmp_path: Path) -> None:
    house = House(tmp_path, consume=False)
    house.receive(Package())
    house.run()
    house.restart()
    house.run()
    assert (house.folders.upload / Package().folder / ICPN / AUDIO).exists()
    assert len(house.journal("ingested", "duplicate")) == 1
    assert house.statuses() == [INGESTED, AVAILABLE]


def test_acknowledgements_are_valid_and_named_by_the_choreography(
    tmp_path: Path, schemas: Path
) -> None:
    house = House(tmp_path, schemas)
    house.receive(Package(message_id="M/1 ü"))
    house.receive(Package(batch_id="20260102030405001", message_id="M2", isrc="bad", icpn="1"))
    house.receive(Package(batch_id="20260102030405002", message_id="M3").takedown())
    xsd = etree.XMLSchema(etree.parse(schemas / "ern-c-sftp-18" / "ern-choreography-sftp.xsd"))
    names = []
    for file in sorted(house.folders.acknowledgements.iterdir()):
        xsd.assertValid(etree.parse(file))
        assert re.fullmatch(r"ACK_(.+)_[0-9]{17}\.xml", file.name)
        names.append(file.name.rsplit("_", 1)[0])
    assert names == ["ACK_M2", "ACK_M3", "ACK_M3", "ACK_M_1__", "ACK_M_1__"]


def test_a_valid_message_is_recorded_as_such_only_when_a_schema_was_there(
    tmp_path: Path, schemas: Path
) -> None:
    checked, unchecked = House(tmp_path / "a", schemas), House(tmp_path / "b")
    checked.receive(Package())
    unchecked.receive(Package())
    assert checked.journal("ingested")[0]["messages"][0]["schema"] == "valid"
    assert unchecked.journal("ingested")[0]["messages"][0]["schema"] == "not checked"
