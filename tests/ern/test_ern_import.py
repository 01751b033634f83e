"""`deadwax ern import`: folders in, drafts out, with every file checked and nothing doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.ern.deliveries import Delivered, complete, deliver
from typer.testing import CliRunner, Result

from deadwax.domain.cause import Cause, acting
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.release import Release
from deadwax.domain.target import ErnVersion
from deadwax.domain.tenant import Label, Tenant, TenantKind
from deadwax.domain.texts import Name
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.settings import Settings
from deadwax.workers.cli import app

Run = Callable[..., Result]


class House:
    """A tenant with a label, on a database of its own."""

    def __init__(self, home: Path, database_url: str) -> None:
        self.environment = {
            "DEADWAX_HOME": str(home),
            "DEADWAX_DATABASE_URL": database_url,
            "DEADWAX_REDIS_URL": "redis://127.0.0.1:1/0",  # an import needs no queue
        }
        self.container = Container.open(Settings.from_env(self.environment), "test")
        self.tenant_id = uuid4()
        tenant = Tenant.register
        with self.acting():
            made = tenant(self.tenant_id, name="House", kind=TenantKind.LABEL, review=False)
            made.add_label(Label(name=Name("Run-out Records")))
            self.container.catalogue.save(made)

    def acting(self) -> Any:
        return acting(Cause(self.tenant_id, "key:test", "test"))

    def run(self, *arguments: str | Path) -> Result:
        given = ["ern", "import", *map(str, arguments), "--tenant", str(self.tenant_id)]
        return CliRunner().invoke(app, given, env=self.environment)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["DEADWAX_DATABASE_URL"]) as connection:
            return connection.execute(sql).fetchall()

    def release(self, release_id: str) -> ReleaseMetadata:
        with self.acting():
            return self.container.catalogue.get(Release, UUID(release_id)).metadata


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    made = House(tmp_path / "home", database_url)
    yield made
    made.container.close()


def dry(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["ern", "import", *map(str, arguments)])


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("ern", list(ErnVersion))
def test_dry_run_tells_what_would_be_drafted_and_needs_no_database(
    tmp_path: Path, messages: DdexMessages, ern: ErnVersion
) -> None:
    delivered = deliver(tmp_path, messages, ern=ern)

    result = dry(delivered.message, "--json")

    (told,) = lines(result)
    assert result.exit_code == 0
    assert (told["outcome"], told["version"], told["title"]) == ("ready", ern, "Single 1")
    assert [(f["field"], f["state"]) for f in told["files"]] == [
        ("tracks[0].audio", "intact"),
        ("cover", "intact"),
    ]
    assert told["report"] == []


def test_what_is_written_is_the_release_with_its_files(
    tmp_path: Path, messages: DdexMessages, house: House
) -> None:
    delivered = deliver(tmp_path, messages)
    said = delivered.spec.release

    result = house.run(delivered.folder, "--write", "--json")

    (told,) = lines(result)
    assert (result.exit_code, told["outcome"]) == (0, "drafted")
    drafted = house.release(told["release_id"])
    assert (drafted.title, drafted.icpn, drafted.label) == (said.title, said.icpn, said.label)
    assert (drafted.cover, drafted.tracks[0].audio) == (said.cover, said.tracks[0].audio)
    assert drafted.deals == said.deals
    with house.acting():
        facts = house.container.assets.get(said.tracks[0].audio)  # type: ignore[arg-type]
    assert facts.audio == delivered.spec.assets[facts.sha256].audio


def test_import_twice_leaves_one_release_as_the_label_has_made_it_since(
    tmp_path: Path, messages: DdexMessages, house: House
) -> None:
    delivered = deliver(tmp_path, messages)
    (told,) = lines(house.run(delivered.folder, "--write", "--json"))
    release_id = UUID(told["release_id"])
    with house.acting():
        changed = replace(house.release(told["release_id"]), title=Name("Changed since"))
        house.container.releases.amend(release_id, changed, None)

    again = house.run(delivered.folder, "--write", "--json")

    assert [t["outcome"] for t in lines(again)] == ["exists"]
    assert again.exit_code == 0
    assert house.release(told["release_id"]).title == "Changed since"
    assert streams(house) == {"release": 1, "asset": 2, "tenant": 1}


def test_batch_is_imported_as_its_manifest_lists_it(
    tmp_path: Path, messages: DdexMessages, house: House
) -> None:
    batch = tmp_path / "20261001123015000"
    deliveries = [deliver(batch, messages, n) for n in range(1, 4)]
    complete(batch, messages, deliveries[:2])
    deliveries[1].message.write_bytes(deliveries[1].xml + b"\n")

    result = house.run(batch, "--write", "--json")

    problem, first, second = lines(result)
    assert result.exit_code == 1
    assert problem["problem"]["code"] == "not_in_manifest"
    assert problem["problem"]["field"] == str(deliveries[2].message)
    assert first["outcome"] == "drafted"
    assert second["problems"][0]["code"] == "message_damaged"
    assert streams(house)["release"] == 1


def test_damaged_and_missing_files_keep_a_release_out_until_they_are_right(
    tmp_path: Path, messages: DdexMessages, house: House
) -> None:
    damaged, lacking = (deliver(tmp_path, messages, n) for n in (1, 2))
    sound = damaged.audio.read_bytes()
    damaged.audio.write_bytes(sound[:-1] + b"\x7f")
    audio, kept = lacking.audio, tmp_path / "kept"
    audio.rename(kept)

    result = house.run(tmp_path, "--write", "--json")

    told = lines(result)
    assert result.exit_code == 1
    assert [t["outcome"] for t in told] == ["refused", "refused"]
    assert [t["problems"][0]["code"] for t in told] == ["file_damaged", "file_missing"]
    assert "MD5" in told[0]["problems"][0]["message"]
    assert streams(house) == {"tenant": 1}

    damaged.audio.write_bytes(sound)
    kept.rename(audio)
    mended = house.run(tmp_path, "--write", "--json")
    assert [t["outcome"] for t in lines(mended)] == ["drafted", "drafted"]


def test_release_may_be_drafted_without_files_that_lack(
    tmp_path: Path, messages: DdexMessages, house: House
) -> None:
    delivered = deliver(tmp_path, messages)
    delivered.audio.unlink()

    (told,) = lines(house.run(delivered.folder, "--write", "--without-files", "--json"))

    drafted = house.release(told["release_id"])
    assert (drafted.tracks[0].audio, drafted.cover) == (None, delivered.spec.release.cover)


def test_label_that_the_tenant_does_not_have_is_named_or_made(
    tmp_path: Path, messages: DdexMessages, house: House
) -> None:
    delivered = deliver(tmp_path, messages)
    other = delivered.xml.replace(b"Run-out Records</FullName>", b"Other Records</FullName>")
    delivered.message.write_bytes(other)

    refused = house.run(delivered.message, "--json")
    drafted = house.run(delivered.message, "--write", "--add-labels", "--json")

    assert lines(refused)[0]["problems"][0]["code"] == "label_unknown"
    assert lines(drafted)[0]["outcome"] == "drafted"
    with house.acting():
        assert "Other Records" in house.container.tenants.current().labels


def test_last_message_about_a_release_counts(
    tmp_path: Path, messages: DdexMessages, house: House
) -> None:
    delivered = deliver(tmp_path, messages)
    early = delivered.xml.replace(b"2026-10-01T12:30:15Z", b"2026-09-01T12:30:15Z")
    (delivered.folder / "a_first.xml").write_bytes(early.replace(b"Single 1", b"Single 0"))

    told = lines(house.run(delivered.folder, "--write", "--json"))

    assert sorted(t["outcome"] for t in told) == ["drafted", "superseded"]
    assert next(t for t in told if t["outcome"] == "drafted")["title"] == "Single 1"


def test_takedown_is_told_and_not_imported(tmp_path: Path, messages: DdexMessages) -> None:
    from deadwax.application.messages import MessageKind

    delivered = deliver(tmp_path, messages)
    takedown = messages.build(replace(delivered.spec, kind=MessageKind.TAKEDOWN))
    delivered.message.write_bytes(takedown.xml)

    (told,) = lines(dry(delivered.message, "--json"))

    assert (told["outcome"], told["kind"]) == ("not_a_release", "takedown")


@pytest.mark.parametrize("uri", ["../secret.wav", "/etc/hostname", "https://example.com/a.wav"])
def test_nothing_outside_the_folder_is_opened(
    tmp_path: Path, messages: DdexMessages, uri: str
) -> None:
    delivered = deliver(tmp_path / "in", messages)
    (tmp_path / "in" / "secret.wav").write_bytes(b"secret")
    name = f"resources/{delivered.audio.name}"
    delivered.message.write_bytes(delivered.xml.replace(name.encode(), uri.encode()))

    (told,) = lines(dry(delivered.folder, "--json"))

    assert told["files"][0]["state"] == "missing"


def test_link_that_leads_out_of_the_folder_is_not_followed(
    tmp_path: Path, messages: DdexMessages
) -> None:
    delivered = deliver(tmp_path / "in", messages)
    outside = tmp_path / "outside.wav"
    delivered.audio.rename(outside)
    (delivered.folder / "resources" / "link").mkdir()
    os.symlink(outside, delivered.folder / next(iter(delivered_uris(delivered))))

    (told,) = lines(dry(delivered.folder, "--json"))

    assert told["files"][0]["state"] == "missing"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<a", "xml_malformed"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml_doctype"),
        (b"<a/>", "ern_version_unknown"),
    ],
)
def test_what_is_no_message_is_refused_by_name(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "m.xml").write_bytes(data)

    result = dry(tmp_path / "m.xml", "--json")

    assert result.exit_code == 1
    assert lines(result)[0]["problems"][0]["code"] == code


def test_import_that_was_killed_goes_on_and_doubles_nothing(
    tmp_path: Path, messages: DdexMessages, house: House
) -> None:
    batch = tmp_path / "batch"
    deliveries = [deliver(batch, messages, n) for n in range(1, 13)]
    command = [sys.executable, "-m", "deadwax.workers.cli", "ern", "import", str(batch)]
    command += ["--tenant", str(house.tenant_id), "--write", "--json"]
    environment = {**os.environ, **house.environment}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()  # the first is drafted, the others are not
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    before = streams(house).get("release", 0)

    result = house.run(batch, "--write", "--json")

    outcomes = [t["outcome"] for t in lines(result)]
    assert result.exit_code == 0
    assert 1 <= before <= len(deliveries)
    assert outcomes == ["exists"] * before + ["drafted"] * (len(deliveries) - before)
    files = {sha256 for d in deliveries for sha256 in d.spec.assets}
    assert streams(house) == {"release": 12, "asset": len(files), "tenant": 1}


def test_imports_at_the_same_time_draft_each_release_once(
    tmp_path: Path, messages: DdexMessages, house: House
) -> None:
    batch = tmp_path / "batch"
    for n in range(1, 6):
        delivered = deliver(batch, messages, n)
        label = delivered.xml.replace(b"Run-out Records</FullName>", b"Other Records</FullName>")
        delivered.message.write_bytes(label)
    command = [sys.executable, "-m", "deadwax.workers.cli", "ern", "import", str(batch)]
    command += ["--tenant", str(house.tenant_id), "--write", "--add-labels", "--json"]
    environment = {**os.environ, **house.environment}
    processes = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate()[0].splitlines() for process in processes]

    outcomes = [json.loads(line)["outcome"] for lines in said for line in lines]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(outcomes) == ["drafted"] * 5 + ["exists"] * 10
    assert streams(house)["release"] == 5


def test_tenant_that_is_not_there_is_told(
    tmp_path: Path, messages: DdexMessages, house: House
) -> None:
    delivered = deliver(tmp_path, messages)
    house.tenant_id = uuid4()

    result = house.run(delivered.message, "--write")

    assert result.exit_code == 2
    assert "There is no Tenant" in result.stderr
    assert str(house.tenant_id) in result.stderr


def streams(house: House) -> dict[str, int]:
    """How many aggregates of each kind there are, beside those that count codes."""
    found: dict[str, int] = {}
    kinds = "SELECT type, count(DISTINCT stream_id) FROM events GROUP BY type"
    for type, count in house.rows(kinds):
        kind = str(type).partition(".")[0]
        if kind in ("release", "asset", "tenant"):
            found[kind] = max(found.get(kind, 0), count)
    return found


def delivered_uris(delivered: Delivered) -> list[str]:
    from deadwax.infrastructure.ern.reading.reader import DdexReader

    return [f.uri for f in DdexReader().read(delivered.xml).files]
