"""The demo, as a newcomer runs it, and what it leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import wave
from base64 import b64encode
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import psycopg
import pytest
import soundfile
from lxml import etree
from PIL import Image

from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.workers.demo_album import make_album

COMMAND = [sys.executable, "-m", "deadwax.workers.cli", "demo", "--json"]


@pytest.fixture
def environ(short_tmp: Path, schemas: Path) -> dict[str, str]:
    named = {"DEADWAX_HOME": str(short_tmp / "home"), "DEADWAX_DDEX_SCHEMAS": str(schemas)}
    return {**os.environ, **named}


def run(environ: dict[str, str], *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [*COMMAND, *arguments], env=environ, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def children_of(home: str) -> list[str]:
    """Command lines of processes that belong to this home."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        command = " ".join(process.info["cmdline"] or [])
        if home in command or (process.info["environ"] or {}).get("DEADWAX_HOME") == home:
            found.append(command)
    return found


def delivered_files(ern: Path) -> dict[str, str]:
    """URI to SHA-256 or MD5, as the message states."""
    stated = {}
    for file in etree.parse(ern).iter("File"):
        name = file.findtext("HashSum/Algorithm")
        digest = hashlib.new((name or "").replace("-", "").lower())
        digest.update((ern.parent / (file.findtext("URI") or "")).read_bytes())
        assert digest.hexdigest() == file.findtext("HashSum/HashSumValue")
        stated[file.findtext("URI") or ""] = digest.hexdigest()
    return stated


def test_an_album_goes_live_and_is_taken_down(environ: dict[str, str], schemas: Path) -> None:
    result = run(environ)
    streaming, downloads = result["distributions"]
    for distribution in (streaming, downloads):
        assert distribution["status"] == "live"
        assert distribution["attempts"] == 1
        assert distribution["files"] == 15  # 12 tracks, cover, message, manifest
        assert distribution["ern_schema"] == "valid"
        assert distribution["takedown"]["status"] == "removed"
        assert len(distribution["delivered"]) == 13
        assert all(file["stated"] == file["found"] for file in distribution["delivered"])
    assert told(streaming) == {"FLAC 2 44100 16": 12, "JPEG 3000 3000": 1}
    assert told(downloads) == {"PCM 2 44100 16": 12, "JPEG 1400 1400": 1}
    assert downloads["bytes"] > 12 * 30 * 44_100 * 4 > 2 * streaming["bytes"]
    assert result["events"] == result["audit_entries"] > 30

    schema = etree.XMLSchema(etree.parse(schemas / "ern-43" / "release-notification.xsd"))
    ern, takedown = Path(result["ern"]), Path(result["takedown"]["ern"])
    schema.assertValid(etree.parse(ern))
    schema.assertValid(etree.parse(takedown))
    assert len(delivered_files(ern)) == 13
    assert etree.parse(takedown).find("DealList") is None
    track = Path(downloads["received"]) / "resources" / f"{result['icpn']}_01_001.wav"
    with wave.open(str(track)) as audio:
        assert (audio.getframerate(), audio.getsampwidth(), audio.getnchannels()) == (44_100, 2, 2)
        assert audio.getnframes() >= 30 * 44_100
    with Image.open(ern.parent / "resources" / f"{result['icpn']}.jpg") as cover:
        assert cover.size == (3000, 3000)

    assert children_of(environ["DEADWAX_HOME"]) == []
    assert secrets_kept(Path(environ["DEADWAX_HOME"])) == []


def told(distribution: dict[str, Any]) -> Counter[str]:
    """What the message states of its files, and of how many."""
    return Counter(" ".join(file["stated"].values()) for file in distribution["delivered"])


def secrets_kept(home: Path) -> list[str]:
    """Where a secret stands that should only stand in its own file."""
    found = [path for path in (home / "secrets").rglob("*") if path.is_file()]
    public = [p for p in found if p.parent.name == "receipt-keys" and p.suffix != ".key"]
    secrets = [path.read_bytes() for path in found if path not in public]
    assert len(secrets) == 3  # the platforms' passwords, and what signs receipts
    secrets += [kept.hex().encode() for kept in secrets] + [b64encode(kept) for kept in secrets]
    secrets.append((home / "operator.key").read_bytes().rsplit(b"_", 1)[-1])
    with EmbeddedServers(home) as servers, psycopg.connect(servers.database_url) as connection:
        events = str(connection.execute("SELECT data::text FROM events").fetchall()).encode()
    places = {path.name: path.read_bytes() for path in (home / "logs").glob("*.log")}
    places["events"] = events
    places["redis"] = b"".join(p.read_bytes() for p in (home / "redis").rglob("*") if p.is_file())
    assert b"file_delivered" in places["worker.log"]
    return [place for place, kept in places.items() if any(s in kept for s in secrets)]


def test_an_album_of_ones_own_is_delivered(environ: dict[str, str], tmp_path: Path) -> None:
    make_album(tmp_path, "5901234123457", 31, tracks=2)
    release = json.loads((tmp_path / "release.json").read_text())
    for track in release["tracks"]:
        del track["audio"]  # then the files in the order of their names are meant
    release["title"] = "Ein “eigenes” Album – 日本語 & <so on>"
    (tmp_path / "release.json").write_text(json.dumps(release))
    result = run(environ, "--album", str(tmp_path))
    assert result["icpn"] == "5901234123457"
    stated = delivered_files(Path(result["ern"]))
    for number in (1, 2):
        own, _ = soundfile.read(tmp_path / f"{number:02d}.wav", dtype="int16")
        received = Path(result["received"]) / "resources" / f"5901234123457_01_{number:03d}.flac"
        assert np.array_equal(soundfile.read(received, dtype="int16")[0], own)
    assert len(stated) == 3


def test_an_incomplete_album_fails_by_name(environ: dict[str, str], tmp_path: Path) -> None:
    make_album(tmp_path, "5901234123457", 6, tracks=2)
    release = json.loads((tmp_path / "release.json").read_text())
    del release["p_line"], release["tracks"][1]["isrc"]
    (tmp_path / "release.json").write_text(json.dumps(release))
    done = subprocess.run(
        [*COMMAND, "--album", str(tmp_path)], env=environ, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "p_line" in done.stderr
    assert "tracks[1].isrc" in done.stderr
    assert children_of(environ["DEADWAX_HOME"]) == []
