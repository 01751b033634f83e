"""What a DSP refuses, with which status and which proposed action."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from tests.sandbox.house import REFUSED, House
from tests.sandbox.packages import DSP, ICPN, LABEL, Package, hash_sum

INVALID = "NewReleaseMessageInvalid"
WRONG_HASH = "SignatureOrHashSumWrongOrMissing"
AUDIO = b"RIFF audio"
XXE = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def ern(old: str, new: str) -> Package:
    return Package(change_ern=lambda text: text.replace(old, new, 1))


def manifest(old: str, new: str) -> Package:
    return Package(change_manifest=lambda text: text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("package", "status", "action"),
    [
        (Package(hash_sum=hash_sum("MD5", "0" * 32)), WRONG_HASH, "ResendXmlAndResources"),
        (Package(hash_sum=hash_sum("MD5", "no hex")), WRONG_HASH, "ResendXmlAndResources"),
        (Package(hash_sum=hash_sum("CRC32", "00")), WRONG_HASH, "ResendXmlAndResources"),
        (Package(hash_sum=""), WRONG_HASH, "ResendXmlOnly"),
        (Package(file_size="11"), "ResourceCorrupt", "ResendXmlAndResources"),
        (Package(uri="resources/absent.wav"), "ResourceMissing", "ResendXmlAndResources"),
        (Package(uri="../../../host_key"), "ResourceMissing", "ResendXmlAndResources"),
        (Package(uri="/etc/hostname"), "ResourceMissing", "ResendXmlAndResources"),
        (Package(provided="false"), "ResourceMissing", "ResendXmlAndResources"),
        (Package(isrc="QZ-ABC-26-00001"), "IdentifierSyntaxInvalid", "ResendXmlOnly"),
        (Package(icpn="5901234123456"), "IdentifierInvalid", "ResendXmlOnly"),
        (Package(recipient=LABEL), INVALID, "DoNotResendRelease"),
        (Package(recipient=LABEL, manifest_recipient=DSP), INVALID, "DoNotResendRelease"),
        (Package(manifest_sender="PADPIDA2013042401U"), INVALID, "ResendXmlOnly"),
        (Package(is_test="false"), INVALID, "ResendXmlOnly"),
        (Package(control_type="LiveMessage"), INVALID, "ResendXmlOnly"),
        (Package(count="2"), INVALID, "ResendXmlOnly"),
        (Package(message_id=""), INVALID, "ResendXmlOnly"),
        (ern("</ern:NewReleaseMessage>", ""), INVALID, "ResendXmlOnly"),
        (ern("ern/43", "ern/99"), INVALID, "ResendXmlOnly"),
        (Package(delivery="TakeDown"), INVALID, "ResendXmlOnly"),
        (Package(delivery="Something"), INVALID, "ResendXmlOnly"),
        (manifest("<ICPN>", "<ICPN>0"), INVALID, "ResendXmlOnly"),
        (manifest("NewReleaseMessage<", "PurgeReleaseMessage<"), INVALID, "ResendXmlOnly"),
        (ern("<ern:", XXE + "<ern:"), INVALID, "ResendXmlOnly"),
        (ern("<ern:", BOMB + "<ern:"), INVALID, "ResendXmlOnly"),
        (manifest("</m:ManifestMessage>", ""), INVALID, "ResendXmlOnly"),
        (manifest("<m:", XXE + "<m:"), INVALID, "ResendXmlOnly"),
        (manifest("sftp/18", "sftp/99"), INVALID, "ResendXmlOnly"),
        (manifest(f"N_{Package.batch_id}", "N_1"), INVALID, "ResendXmlOnly"),
        (manifest("<MessageId>M1", "<MessageId>M9"), INVALID, "ResendXmlOnly"),
        (manifest("<HashSumValue>", "<HashSumValue>00"), WRONG_HASH, "ResendXmlOnly"),
        (manifest(".xml</URL>", "-2.xml</URL>"), "ErnMissing", "ResendXmlAndResources"),
        (manifest(f"./{ICPN}/", "../../"), "ErnMissing", "ResendXmlAndResources"),
    ],
)
def test_a_wrong_package_is_refused_with_its_status(
    tmp_path: Path, package: Package, status: str, action: str
) -> None:
    house = House(tmp_path)
    house.receive(package)
    (told,) = house.acknowledgements()
    assert told.release_status == REFUSED
    assert told.statuses == (status,)
    assert told.action == action
    assert told.error_text
    assert house.live() == []
    assert (house.folders.rejected / package.folder).is_dir()
    assert list((tmp_path / "staged").iterdir()) == []
    assert len(house.journal("rejected")) == 1
    assert house.journal("published", "ingested") == []


@pytest.mark.parametrize("resource", [True, False])
def test_a_file_that_is_named_and_missing_is_refused(tmp_path: Path, resource: bool) -> None:
    house = House(tmp_path)
    package = Package()
    package.write(house.folders.upload)
    release = house.folders.upload / package.folder / ICPN
    missing = release / package.uri if resource else release / f"{ICPN}.xml"
    missing.unlink()
    house.run()
    (told,) = house.acknowledgements()
    assert told.statuses == ("ResourceMissing" if resource else "ErnMissing",)


def test_a_message_that_the_schema_refuses_is_refused(tmp_path: Path, schemas: Path) -> None:
    package = ern("PT1M", "1:00")
    unchecked, checked = House(tmp_path / "a"), House(tmp_path / "b", schemas)
    unchecked.receive(package)
    checked.receive(package)
    assert unchecked.live() == [ICPN]
    (told,) = checked.acknowledgements()
    assert told.statuses == (INVALID,)
    assert "1:00" in told.error_text


def test_a_valid_message_passes_the_schema(tmp_path: Path, schemas: Path) -> None:
    house = House(tmp_path, schemas)
    house.receive(Package())
    house.receive(Package(batch_id="20260102030405001", message_id="M2").takedown())
    assert house.journal("rejected") == []


@pytest.mark.parametrize(
    "stated",
    [
        hash_sum("MD5", hashlib.md5(AUDIO).hexdigest().upper()),
        hash_sum("SHA-256", hashlib.sha256(AUDIO).hexdigest()),
        hash_sum("SHA1", base64.b64encode(hashlib.sha1(AUDIO).digest()).decode(), "Binary64"),
    ],
)
def test_hash_sums_are_read_in_every_usual_form(tmp_path: Path, stated: str) -> None:
    house = House(tmp_path)
    house.receive(Package(hash_sum=stated))
    assert house.live() == [ICPN]


def test_an_entity_is_never_read_into_an_acknowledgement(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.receive(
        Package(title="&secret;", change_ern=lambda text: text.replace("<ern:", XXE + "<ern:", 1))
    )
    assert house.live() == []
    (told,) = house.folders.acknowledgements.iterdir()
    assert "root:" not in told.read_text()


def test_an_unknown_sender_is_refused_where_senders_are_known(tmp_path: Path) -> None:
    house = House(tmp_path, senders=frozenset({"PADPIDA2013042401U"}))
    house.receive(Package())
    (told,) = house.acknowledgements()
    assert told.action == "DoNotResendRelease"
    house.receive(Package(batch_id="20260102030405001", sender="PADPIDA2013042401U"))
    assert house.live() == [ICPN]


def test_nobody_is_answered_where_no_sender_can_be_read(tmp_path: Path) -> None:
    house = House(tmp_path)
    package = Package()
    folder = house.folders.upload / package.folder
    folder.mkdir()
    (folder / f"BatchComplete_{package.batch_id}.xml").write_bytes(b"\x00\x01 not xml")
    house.run()
    assert house.acknowledgements() == []
    assert house.journal("rejected")[0]["faults"][0]["status"] == INVALID
    assert (house.folders.rejected / package.folder).is_dir()
