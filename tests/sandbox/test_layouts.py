"""How deliveries may be laid out, and the acknowledgements of 1.6."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from tests.sandbox.house import AVAILABLE, INGESTED, House
from tests.sandbox.packages import ICPN, Package

from deadwax.infrastructure.sandbox.arrivals import Agreement

V15, V16, V17, V18 = "ern-c/15", "ern-c-sftp/16", "ern-c-sftp/17", "ern-c-sftp/18"


@pytest.mark.parametrize("version", [V15, V16, V18])
@pytest.mark.parametrize("single", [False, True])
def test_batches_and_single_releases_of_every_version_go_live(
    tmp_path: Path, schemas: Path, version: str, single: bool
) -> None:
    house = House(tmp_path, schemas)
    package = Package(version=version, single=single)
    house.receive(package)
    assert house.statuses() == [INGESTED, AVAILABLE]
    assert (house.folders.live / ICPN / f"{ICPN}.xml").read_bytes() == package.ern()
    assert (house.folders.archive / package.folder).is_dir()


def test_a_single_release_is_whole_when_its_message_is_there(tmp_path: Path) -> None:
    house = House(tmp_path)
    package = Package(single=True)
    package.write(house.folders.upload)
    message = house.folders.upload / package.folder / f"{ICPN}.xml"
    message.rename(message.with_name(message.name + ".part"))
    house.run()
    assert not house.folders.journal.exists()
    message.with_name(message.name + ".part").rename(message)
    house.run()
    assert house.live() == [ICPN]


@pytest.mark.parametrize("single", [False, True])
def test_a_marker_that_was_agreed_is_waited_for(tmp_path: Path, single: bool) -> None:
    house = House(tmp_path, agreement=Agreement(marker="{batch}.done"))
    package = Package(single=single)
    house.receive(package)
    assert not house.folders.journal.exists()
    (house.folders.upload / package.folder / f"{package.batch_id}.done").touch()
    house.run()
    assert house.live() == [ICPN]


def test_an_empty_manifest_is_only_a_signal(tmp_path: Path) -> None:
    house = House(tmp_path)
    package = Package(version=V17, change_manifest=lambda text: "")
    house.receive(package)
    assert house.statuses() == [INGESTED, AVAILABLE]


def test_a_manifest_has_the_folder_of_its_version(tmp_path: Path) -> None:
    house = House(tmp_path)
    package = Package()
    package.write(house.folders.upload)
    folder = house.folders.upload / package.folder
    folder.rename(folder.with_name(package.batch_id))
    house.run()
    (told,) = house.acknowledgements()
    assert f"in 1.8 the folder is not called {package.batch_id}" in told.error_text


def test_the_folder_of_a_single_release_is_called_after_it(tmp_path: Path) -> None:
    house = House(tmp_path)
    package = Package(single=True)
    package.write(house.folders.upload)
    folder = house.folders.upload / package.folder
    folder.rename(folder.with_name(f"N_5901234123464_{package.batch_id}"))
    house.run()
    (told,) = house.acknowledgements()
    assert "the folder is N_5901234123464" in told.error_text


@pytest.mark.parametrize("single", [False, True])
def test_checksum_files_are_verified_where_they_are(tmp_path: Path, single: bool) -> None:
    house = House(tmp_path, agreement=Agreement(checksums=True))
    good = Package(md5s=True, single=single)
    house.receive(good)
    assert house.live() == [ICPN]
    for number, end in ((1, f"{ICPN}.xml.md5"), (2, f"{ICPN}_01_001.wav.md5")):
        bad = replace(good, batch_id=f"2026010203040500{number}", message_id=f"M{number + 1}")
        bad.write(house.folders.upload)
        (path,) = (house.folders.upload / bad.folder).rglob(end)
        path.write_text("0" * 32)
        house.run()
    bare = replace(good, batch_id="20260102030405003", message_id="M4", md5s=False)
    house.receive(bare)
    refused = [told for told in house.acknowledgements() if told.error_text]
    wrong = "SignatureOrHashSumWrongOrMissing"
    assert [told.statuses for told in refused] == [(wrong,), (wrong,), (wrong, wrong)]


def test_metadata_alone_may_follow_what_is_live(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.receive(Package(provided="false"))
    assert house.live() == []
    house.receive(Package(batch_id="20260102030405001", message_id="M2"))
    update = Package(batch_id="20260102030405002", message_id="M3", provided="false", title="New")
    house.receive(update)
    live = house.folders.live / ICPN
    assert (live / f"{ICPN}.xml").read_bytes() == update.ern()
    assert (live / update.uri).read_bytes() == update.audio


@pytest.mark.parametrize("single", [False, True])
def test_1_6_answers_valid_messages_with_one_status_each(
    tmp_path: Path, schemas: Path, single: bool
) -> None:
    house = House(tmp_path, schemas, agreement=Agreement(acknowledgements="1.6"))
    house.receive(Package(version=V16, single=single))
    update = {"batch_id": "20260102030405001", "message_id": "M2", "single": single}
    house.receive(Package(version=V16, audio=b"RIFF", file_size="1", **update))  # type: ignore[arg-type]
    takedown = {"batch_id": "20260102030405002", "message_id": "M3", "single": single}
    house.receive(Package(version=V16, **takedown).takedown())  # type: ignore[arg-type]
    house.receive(
        Package(version=V16, batch_id="20260102030405003", message_id="M4", recipient="PADPIDA1")
    )
    xsd = etree.XMLSchema(etree.parse(schemas / "ern-c-sftp-16" / "ern-choreography-sftp.xsd"))
    told = []
    for file in sorted(house.folders.acknowledgements.iterdir()):
        document = etree.parse(file)
        xsd.assertValid(document)
        root = document.getroot()
        told.append(
            [
                file.name,
                root.findtext("AcknowledgedFile/ReleaseId"),
                root.findtext("AcknowledgedFile/Date"),
                root.findtext("FileStatus"),
                root.findtext("ProposedActionType"),
            ]
        )
    name, day = f"ACK_2026010203040500{{}}_{ICPN}.xml", "2026-01-02"
    assert told == [
        [name.format(0), ICPN, day, "FileOK", None],
        [name.format(1), ICPN, day, "ResourceCorrupt", "ResendXmlAndResources"],
        [name.format(2), ICPN, day, "FileOK", None],
        [name.format(3), ICPN, day, "NewReleaseMessageInvalid", None],
    ]
    assert house.live() == []
    assert (house.folders.removed / ICPN).is_dir()
