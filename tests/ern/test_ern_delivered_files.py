"""A message in its delivery: the files that it names are there, and are what was hashed."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from tests.ern.mutations import MESSAGES

from deadwax.infrastructure.ern.check import check
from deadwax.infrastructure.ern.checks.delivery import RULES
from deadwax.infrastructure.ern.schemas import Schemas

MD5 = b"ea66c06c1e1c05fa9f1aa39d98dc5bc1"
# What the messages name, and which of it we break.
NAMED = {
    "ern-382": ["resources/5901234123457_01_001.wav", "resources/5901234123457_01_002.wav"],
    "ern-43": ["resources/5901234123457_01_001.wav", "resources/5901234123457_02_001.wav"],
    "manifest-18": ["5901234123457/5901234123457.xml", "5901234123464/5901234123464.xml"],
}


@pytest.fixture(params=sorted(NAMED))
def delivery(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A message whose files are there, each with its hash sum."""
    name = str(request.param)
    xml = (MESSAGES / f"{name}.xml").read_bytes()
    content = b"sound"
    xml = re.sub(rb">[0-9a-f]{32}<", b">" + hashlib.md5(content).hexdigest().encode() + b"<", xml)
    for file in [*NAMED[name], "resources/5901234123457.jpg"]:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(content)
    message = tmp_path / f"{name}.xml"
    message.write_bytes(xml)
    return message


def codes(message: Path) -> set[str]:
    checked = check(message.read_bytes(), Schemas(None), message.parent)
    return {f.code for f in checked.findings}


def first_file(message: Path) -> Path:
    return message.parent / NAMED[message.stem][0]


def test_whole_delivery_has_no_problem(delivery: Path) -> None:
    assert codes(delivery) == set()


def test_file_that_is_absent_is_found(delivery: Path) -> None:
    first_file(delivery).unlink()

    assert codes(delivery) == {"ern_file_missing"}


def test_file_with_other_bytes_is_found(delivery: Path) -> None:
    first_file(delivery).write_bytes(b"other")

    assert codes(delivery) == {"ern_file_differs"}


def test_without_a_folder_nothing_is_looked_for(delivery: Path) -> None:
    first_file(delivery).unlink()

    assert check(delivery.read_bytes(), Schemas(None)).findings == ()


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "resources/link"])
def test_file_outside_the_delivery_is_not_opened(name: str, delivery: Path) -> None:
    (delivery.parent / "resources").mkdir(exist_ok=True)
    (delivery.parent / "resources" / "link").symlink_to("/etc/passwd")
    rename(delivery, name)

    assert codes(delivery) == {"ern_file_outside"}


def test_file_on_a_server_is_only_mentioned(delivery: Path) -> None:
    rename(delivery, "https://example.org/a.wav")

    assert codes(delivery) == {"ern_file_remote"}


def rename(message: Path, name: str) -> None:
    """Let the message name its first file so."""
    folder, _, file = NAMED[message.stem][0].rpartition("/")
    was = {
        "ern-382": f"<FileName>{file}</FileName>\\s*<FilePath>{folder}/</FilePath>",
        "ern-43": f"<URI>{folder}/{file}</URI>",
        "manifest-18": f"<URL>./{folder}/{file}</URL>",
    }[message.stem]
    becomes = "<URI>" if message.stem == "ern-43" else "<URL>"
    if message.stem == "ern-382" and "://" not in name:
        becomes = "<FileName>"
    xml, times = re.subn(was, f"{becomes}{name}</{becomes[1:]}", message.read_text())
    assert times == 1
    message.write_text(xml)


def test_hash_in_base64_is_understood(tmp_path: Path) -> None:
    import base64

    value = base64.b64encode(hashlib.md5(b"sound").digest())
    xml = (MESSAGES / "ern-382.xml").read_bytes()
    xml = xml.replace(MD5, value).replace(b"HexBinary", b"Binary64")
    (tmp_path / "resources").mkdir()
    for file in [*NAMED["ern-382"], "resources/5901234123457.jpg"]:
        (tmp_path / file).write_bytes(b"sound")

    assert check(xml, Schemas(None), tmp_path).findings == ()


def test_every_rule_on_files_is_covered_here() -> None:
    text = Path(__file__).read_text()

    assert [rule.id for rule in RULES if f'"{rule.id}"' not in text] == []
