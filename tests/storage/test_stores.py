"""One suite for every store: a folder, and buckets of real servers."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.couriers.s3_site import PART
from tests.storage.conftest import Site, in_bucket, on_disk
from typer.testing import CliRunner

from deadwax.application.errors import NotFound, StoreUnavailable
from deadwax.application.ports import OutgoingFile, StoredAsset
from deadwax.application.zip_stream import zipped
from deadwax.infrastructure.couriers.file_parts import reading
from deadwax.infrastructure.settings import Settings, SettingsError
from deadwax.infrastructure.storage.opening import open_stores
from deadwax.workers import doctor
from deadwax.workers.cli import app

SMALL = b"run-out groove " * 20_000
LARGE = Random(5).randbytes(2 * PART + 1000)


class Broken(Exception):
    pass


def refuse(stored: StoredAsset, path: str) -> None:
    raise Broken


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def chunked(data: bytes) -> Iterator[bytes]:
    return (data[i : i + 100_000] for i in range(0, len(data), 100_000))


@pytest.mark.parametrize("data", [b"", SMALL, LARGE], ids=["empty", "small", "in parts"])
def test_what_is_put_is_got(site: Site, data: bytes) -> None:
    stored = site.store.put(chunked(data))
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert stored == StoredAsset(sha256=sha256(data), md5=md5, size=len(data))
    with site.store.open(stored.sha256) as file:
        assert file.read() == data
    with site.store.local(stored.sha256) as path:
        assert Path(path).read_bytes() == data
    assert site.names() == [stored.sha256]


def test_the_same_bytes_are_stored_once(site: Site) -> None:
    assert site.store.put([SMALL]) == site.store.put(chunked(SMALL))
    assert site.names() == [sha256(SMALL)]


def test_a_check_sees_the_bytes_before_they_are_kept(site: Site) -> None:
    seen: list[Any] = []

    def look(stored: StoredAsset, path: str) -> None:
        seen.append((stored.sha256, Path(path).read_bytes()))
        with pytest.raises(NotFound):
            site.store.open(stored.sha256)

    site.store.put([SMALL], look)
    assert seen == [(sha256(SMALL), SMALL)]


def test_what_is_refused_or_breaks_off_leaves_nothing(site: Site, tmp_path: Path) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield SMALL
        raise Broken

    file = tmp_path / "finished"
    file.write_bytes(SMALL)
    with pytest.raises(Broken):
        site.store.put([SMALL], refuse)
    with pytest.raises(Broken):
        site.store.put(breaks_off())
    with pytest.raises(Broken):
        site.store.take(str(file), refuse)
    assert site.names() == []
    assert file.read_bytes() == SMALL


def test_a_finished_file_is_taken(site: Site, tmp_path: Path) -> None:
    for data in (SMALL, LARGE):
        file = tmp_path / "finished"
        file.write_bytes(data)
        assert site.store.take(str(file)).sha256 == sha256(data)
        assert file.read_bytes() == data  # until it is remembered what became of it
        file.unlink()
    assert site.names() == sorted([sha256(SMALL), sha256(LARGE)])


def test_a_file_is_read_from_where_one_wants(site: Site) -> None:
    site.store.put([LARGE])
    at = Random(6)
    with site.store.open(sha256(LARGE)) as file, io.BytesIO(LARGE) as real:
        for _ in range(15):
            offset, size = at.randrange(len(LARGE)), at.choice([1, 1000, 700_000])
            assert file.seek(offset) == real.seek(offset)
            assert file.read(size) == real.read(size)
            assert file.tell() == real.tell()
        assert file.seek(0, os.SEEK_END) == len(LARGE)
        assert file.read(1) == b""
        assert file.seek(-10, os.SEEK_END) == len(LARGE) - 10
        assert file.read() == LARGE[-10:]


def test_what_is_not_there_is_not_found(site: Site) -> None:
    with pytest.raises(NotFound):
        site.store.open("0" * 64)
    with pytest.raises(NotFound), site.store.local("0" * 64):
        pass


def test_couriers_and_archives_read_from_it(site: Site) -> None:
    site.store.put([LARGE])
    name = sha256(LARGE)
    file = OutgoingFile("a.wav", len(LARGE), name, lambda: site.store.open(name))
    with reading(file, PART) as source:
        parts = list(source.parts())
        sent = b"".join(source.range(part.offset, part.size) for part in reversed(parts))
    assert len(sent) == len(LARGE)
    archive = b"".join(zipped([file]))
    assert zipfile.ZipFile(io.BytesIO(archive)).read("a.wav") == LARGE


def test_what_a_dead_process_left_is_swept_up(site: Site, tmp_path: Path) -> None:
    site.store.put([SMALL])
    folder = site.settings.spool_dir / "transit" if site.client else site.settings.assets_dir
    left = (folder if site.client else folder / "incoming") / "left"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"half a fi")
    if site.client:
        key = f"label/assets/ab/cd/{'ab' * 32}"
        site.client.create_multipart_upload(Bucket=site.bucket, Key=key)
    assert len(site.names()) == (3 if site.client else 2)
    site.store.sweep(3600)
    assert len(site.names()) == (3 if site.client else 2)
    for _ in range(2):
        site.store.sweep(-3600)
        assert site.names() == [sha256(SMALL)]


# -- of buckets alone


def test_an_object_that_stands_is_not_written_over(bucket: Site) -> None:
    """Not even where another process put it there after we looked."""
    bucket.store.put([SMALL])
    key = f"label/assets/{sha256(SMALL)[:2]}/{sha256(SMALL)[2:4]}/{sha256(SMALL)}"
    before = bucket.client.head_object(Bucket=bucket.bucket, Key=key)["LastModified"]
    bucket.store.put([SMALL])
    assert bucket.client.head_object(Bucket=bucket.bucket, Key=key)["LastModified"] == before


def test_an_upload_that_fails_in_its_middle_leaves_nothing(
    moto: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deadwax.infrastructure.couriers.s3_multipart import Uploads

    site, send = in_bucket(moto, tmp_path), Uploads.send

    def second_fails(self: Uploads, key: str, id: str, source: Any, part: Any) -> None:
        if part.number == 2:
            raise Broken
        send(self, key, id, source, part)

    monkeypatch.setattr(Uploads, "send", second_fails)
    with pytest.raises(Broken):
        site.store.put([LARGE])
    assert site.names() == []


def test_bytes_that_are_not_those_of_their_name_are_not_handed_out(
    moto: str, tmp_path: Path
) -> None:
    site = in_bucket(moto, tmp_path)
    site.store.put([SMALL])
    name = sha256(SMALL)
    key = f"label/assets/{name[:2]}/{name[2:4]}/{name}"
    site.client.put_object(Bucket=site.bucket, Key=key, Body=SMALL[::-1])
    with pytest.raises(StoreUnavailable, match="other bytes"), site.store.local(name):
        pass
    assert site.names() == [name]


def test_a_store_that_is_away_says_so_without_its_keys(tmp_path: Path, moto: str) -> None:
    site = in_bucket(moto, tmp_path)
    site.client.delete_bucket(Bucket=site.bucket)
    with pytest.raises(StoreUnavailable, match="NoSuchBucket") as said:
        site.store.put([SMALL])
    assert "deadwaxtest" not in str(said.value)
    assert site.settings.spool_dir.is_dir()
    assert list((site.settings.spool_dir / "transit").iterdir()) == []


def test_a_local_copy_needs_room(
    moto: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = in_bucket(moto, tmp_path)
    site.store.put([SMALL])
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 1))  # type: ignore[attr-defined]
    with pytest.raises(StoreUnavailable, match="no room"), site.store.local(sha256(SMALL)):
        pass


def test_a_connection_that_breaks_while_reading_is_taken_up_again(
    moto: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from urllib3.exceptions import ProtocolError

    from deadwax.infrastructure.storage.s3_reader import open_object

    calls: list[int] = []

    class Body(io.BytesIO):
        def read(self, amount: int | None = -1, /) -> bytes:
            if len(calls) in (2, 5) and self.tell():
                calls.append(0)
                raise ProtocolError("broke")
            return super().read(min(amount or 0, 60_000))

    def fetch(first: int, last: int) -> Body:
        calls.append(first)
        return Body(LARGE[first : last + 1])

    with open_object(len(LARGE), fetch, (ProtocolError,)) as file:
        assert file.read() == LARGE


def test_a_secret_that_is_none_is_told(tmp_path: Path) -> None:
    named = {"DEADWAX_HOME": str(tmp_path), "DEADWAX_ASSETS_URL": "s3://bucket/x"}
    with pytest.raises(SettingsError, match="ASSETS_SECRET"):
        open_stores(Settings.from_env(named | {"DEADWAX_ASSETS_SECRET": "absent"}))
    with pytest.raises(SettingsError, match="ASSETS_URL"):
        Settings.from_env(named | {"DEADWAX_ASSETS_URL": "http://bucket"})


def test_assets_are_copied_from_a_folder_into_a_bucket(
    rclone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, before = in_bucket(rclone, tmp_path), on_disk(tmp_path)
    names = sorted(before.store.put([bytes([n])]).sha256 for n in range(3))
    damaged = before.store.put([b"damaged"]).sha256
    (path,) = before.settings.assets_dir.rglob(damaged)
    path.write_bytes(b"other")
    environ = {
        "DEADWAX_HOME": str(site.settings.home),
        "DEADWAX_ASSETS_URL": str(site.settings.assets_url),
        "DEADWAX_ASSETS_ENDPOINT": rclone,
        "DEADWAX_ASSETS_SECRET": "assets",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for _ in range(2):
        ran = CliRunner().invoke(app, ["assets", "copy"])
        assert (ran.exit_code, "3 files are in s3://" in ran.output) == (1, True), ran.output
        assert damaged in ran.output
    found = site.client.list_objects_v2(Bucket=site.bucket)["Contents"]
    assert sorted(o["Key"].rpartition("/")[2] for o in found) == names


def test_the_doctor_tries_the_bucket(bucket: Site) -> None:
    found = doctor._assets(bucket.settings)
    assert found.ok, found.text
    assert "signed links work" in found.text
    assert bucket.names() == []
    bucket.client.delete_bucket(Bucket=bucket.bucket)
    found = doctor._assets(bucket.settings)
    assert (found.ok, "NoSuchBucket" in found.text) == (False, True)
