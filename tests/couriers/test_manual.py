"""What a person hands over is laid ready in a folder, and comes as one ZIP archive."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.couriers.test_folder import FolderSite

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import OutgoingFile
from deadwax.application.zip_stream import zipped
from deadwax.domain.addresses.local import FolderPath, ManualAddress
from deadwax.domain.failures import FailureCategory
from deadwax.domain.texts import Paragraph
from deadwax.infrastructure.couriers.contract import CourierContract, outgoing, some_bytes
from deadwax.infrastructure.couriers.folder import FolderCourier
from deadwax.infrastructure.couriers.manual import open_courier
from deadwax.infrastructure.couriers.opening import Opening

ADDRESS = ManualAddress(path=FolderPath("store"), instructions=Paragraph("Upload it."))


@dataclass(frozen=True)
class ManualSite(FolderSite):
    def connect(self, *, stall_seconds: float = 20.0) -> FolderCourier:
        return open_courier(ADDRESS, Opening(lambda _: "", 20.0, folder=self.top))


class TestManual(CourierContract):
    SECRET = False

    @pytest.fixture
    def site(self, tmp_path: Path) -> ManualSite:
        """Nothing of it is there before the first delivery."""
        return ManualSite(tmp_path / "tenant")


def test_without_a_folder_set_aside_nothing_is_laid_ready() -> None:
    with pytest.raises(DeliveryFailed, match="DEADWAX_DELIVERY_FOLDER"):
        open_courier(ADDRESS, Opening(lambda _: "", 20.0))


FILES = [
    outgoing("batch/5901234123457/resources/1.wav", some_bytes(3_000_000)),
    outgoing("batch/5901234123457/Hoppípolla 日本.xml", b"<xml/>"),
    outgoing("batch/empty", b""),
]


def test_an_archive_holds_every_file_as_it_is() -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(zipped(FILES)))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [file.path for file in FILES]
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        for file in FILES:
            assert hashlib.sha256(archive.read(file.path)).hexdigest() == file.sha256


def test_the_same_files_make_the_same_archive() -> None:
    assert b"".join(zipped(FILES)) == b"".join(zipped(FILES))


def test_other_programs_read_it(tmp_path: Path) -> None:
    unzip = shutil.which("unzip") or pytest.skip("There is no unzip here.")
    (tmp_path / "package.zip").write_bytes(b"".join(zipped(FILES)))
    subprocess.run([unzip, "-q", "package.zip", "-d", "out"], cwd=tmp_path, check=True)
    assert os.path.getsize(tmp_path / "out" / FILES[0].path) == FILES[0].size


def test_an_archive_breaks_off_where_a_file_is_damaged() -> None:
    damaged = replace(FILES[1], sha256="0" * 64)
    made: list[bytes] = []
    with pytest.raises(DeliveryFailed) as failed:
        made.extend(zipped([FILES[0], damaged]))
    assert failed.value.category is FailureCategory.INTEGRITY
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(made)))


class _Zeros(io.RawIOBase):
    """As many as a large file has, made when they are read."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1) -> bytes:
        count = min(size, self._left)
        self._left -= count
        return bytes(count)


def test_large_files_go_through_in_little_memory() -> None:
    size = 200_000_000
    digest = hashlib.sha256(bytes(size)).hexdigest()
    large = OutgoingFile("large.wav", size, digest, lambda: _Zeros(size))  # type: ignore[arg-type,return-value]
    tracemalloc.start()
    total = sum(len(chunk) for chunk in _chunks(large))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > size
    assert most < 20_000_000


def _chunks(file: OutgoingFile) -> Iterator[bytes]:
    return zipped([file])
