"""Every ERN version over the life of releases of every kind: asked for over HTTP, delivered over
SFTP, and looked at where the platform keeps what it was sent."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import imageio_ffmpeg
import pypdf
import pytest
from fastapi.testclient import TestClient
from lxml import etree
from tests import material
from tests.api.caller import Caller
from tests.e2e.office import Office
from tests.ern import releases
from tests.ern.releases import digest
from tests.media import adm

from deadwax.api.app import create_app
from deadwax.application import evidence
from deadwax.domain.api_key import Role
from deadwax.domain.choreography import Choreography
from deadwax.domain.choreography_versions import ChoreographyKind
from deadwax.domain.distribution_events import MessageComposed
from deadwax.domain.identifiers import Icpn, gtin_check_digit
from deadwax.domain.message_style import HashAlgorithm, MessageStyle, TerritorialTakedown
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.plain import to_plain
from deadwax.domain.states import Status
from deadwax.domain.target import ErnVersion
from deadwax.domain.territories import Territories
from deadwax.domain.texts import Name
from deadwax.infrastructure.sandbox.arrivals import USUAL
from deadwax.infrastructure.sandbox.checking import inside
from deadwax.infrastructure.sandbox.erns import VERSIONS, read_ern


@dataclass(frozen=True)
class Sent:
    """A message as the platform keeps it, with what lay beside it."""

    path: Path
    root: etree._Element

    @property
    def name(self) -> etree.QName:
        return etree.QName(self.root)

    def require_right(self, schemas: Path) -> None:
        """By the official XSD; references lead somewhere; the files are those it states."""
        folder = schemas / VERSIONS[self.name.namespace or ""]
        schema = _compiled(folder / "release-notification.xsd")
        assert schema.validate(self.root), schema.error_log
        stated = [str(e.text) for e in self.root.iter(*_DECLARATIONS)]
        assert len(set(stated)) == len(stated)
        for element in self.root.iter():
            tag = str(element.tag)
            if tag.endswith("Reference") and tag not in _DECLARATIONS:
                assert element.text in stated, tag
        named = read_ern(self.root).files
        for file in named:
            data = (inside(self.path.parent, file.uri) or self.path).read_bytes()
            assert file.hash_sum is not None
            hash_name = file.hash_sum.algorithm.replace("-", "").lower()
            assert file.hash_sum.value == hashlib.new(hash_name, data).hexdigest()
            assert file.size in ("", f"{len(data) // 1000}.{len(data) % 1000:03d}")
        there = [f for f in self.path.parent.rglob("*") if f.is_file() and f != self.path]
        assert len(there) == len({file.uri for file in named})

    @property
    def brings_files(self) -> bool:
        return bool(read_ern(self.root).files)

    def offers(self, country: str) -> bool:
        """Whether a deal that has not ended is for that country."""
        created = self.root.findtext("MessageHeader/MessageCreatedDateTime") or ""
        for terms in self.root.iterfind("DealList/ReleaseDeal/Deal/DealTerms"):
            end = terms.findtext("ValidityPeriod/EndDateTime")
            if terms.find("AllDealsCancelled") is not None or (end and end <= created):
                continue
            if country in [e.text for e in terms.iterfind("ExcludedTerritoryCode")]:
                continue
            stated = [e.text for e in terms.iterfind("TerritoryCode")]
            if not stated or country in stated or "Worldwide" in stated:
                return True
        return False


_DECLARATIONS = frozenset(
    {
        *("ResourceReference", "ReleaseReference", "PartyReference", "VisibilityReference"),
        "TechnicalResourceDetailsReference",
    }
)


@cache
def _compiled(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path))


class Shop(Office):
    """A label whose people use the API, and a platform that takes one release at a time."""

    def __init__(
        self, home: Path, database_url: str, redis_url: str, schemas: Path, files: dict[str, bytes]
    ) -> None:
        single = Choreography(kind=ChoreographyKind.RELEASE_BY_RELEASE)
        super().__init__(home, database_url, redis_url, schemas, single, USUAL)
        with self.acting():
            _, key, _ = self.container.tenants.issue_key(Role.MANAGER, Name("Ida"))
        self._numbers = itertools.count(1)
        self.api = Caller(TestClient(create_app(self.container)), key)
        self._files = {
            digest(name): _of(self.api.upload(data, name))["sha256"] for name, data in files.items()
        }

    def next_icpn(self) -> Icpn:
        digits = f"59{next(self._numbers):010d}"
        return Icpn(digits + gtin_check_digit(digits))

    def open(self, **settings: Any) -> str:
        plain = to_plain(replace(self.settings(None, None), **settings))
        return str(_of(self.api.post("/targets", plain))["id"])

    def body(self, release: ReleaseMetadata) -> dict[str, Any]:
        """What is posted of it, with the files that were uploaded."""
        text = json.dumps(to_plain(release))
        for named, stored in self._files.items():
            text = text.replace(named, stored)
        return dict(json.loads(text))

    def release(self, metadata: ReleaseMetadata) -> str:
        id = str(_of(self.api.post("/releases", self.body(metadata)))["id"])
        assert _of(self.api.post(f"/releases/{id}/submit", {}))["status"] == "approved"
        return id

    def composed(self, id: UUID) -> list[dict[str, Any]]:
        return [e.message for e in self.events(id) if isinstance(e, MessageComposed)]

    def received(self, id: UUID) -> Sent:
        """The newest message."""
        (path,) = (f["path"] for f in self.composed(id)[-1]["files"] if f["role"] == "message")
        there = self.dsp.folders.archive / path
        return Sent(there, etree.parse(there).getroot())


def _of(response: Any) -> dict[str, Any]:
    assert response.is_success, response.text
    return dict(response.json())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files that the releases name, real ones, by their names there."""
    folder = tmp_path_factory.mktemp("files")
    names = ("1-1", "1-2", "2-1", "other", "flac")
    made = {name: material.recording(n) for n, name in enumerate(names, start=1)}
    made["atmos"] = _atmos()
    for name, picture in (("cover", "JPEG"), ("png", "PNG"), ("back", "JPEG")):
        made[name] = material.cover(len(name), format=picture)
    made["video-1"] = _film(folder / "video.mp4", 3, "320x180")
    made["motion"] = _film(folder / "motion.mp4", 4, "408x724")
    made["booklet"] = _booklet()
    made["lyrics"] = b"[ti:Lead-in Groove]\n[00:01.00]Round\n[00:03.30]and round\n"
    return made


def _atmos() -> bytes:
    """A Dolby Atmos master of one stereo bed."""
    data, bed = material.recording(6, format="WAV", rate=48_000, bits=24), ("AP_00010002",) * 2
    for name, body in (
        (b"axml", adm.model(bed)),
        (b"chna", adm.tracks(bed)),
        (b"dbmd", b"\x06\0\0\1"),
    ):
        data += struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) % 2)
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def _booklet() -> bytes:
    pages, file = pypdf.PdfWriter(), io.BytesIO()
    pages.add_blank_page(300, 300)
    pages.write(file)
    return file.getvalue()


def _film(path: Path, seconds: int, size: str) -> bytes:
    picture = f"testsrc=duration={seconds}:size={size}:rate=25"
    tone = f"sine=frequency=440:duration={seconds}:sample_rate=48000"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
    command += ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-ac", "2"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path.read_bytes()


def _everything() -> ReleaseMetadata:
    """With an immersive edition, booklet, lyrics and motion art."""
    release = releases.full()
    first, *others = release.tracks
    return replace(release, grid=None, tracks=(replace(first, preview_length=1), *others))


def _single() -> ReleaseMetadata:
    return _lasting(releases.single())


def _video_single() -> ReleaseMetadata:
    return _lasting(releases.video_single())


def _lasting(release: ReleaseMetadata) -> ReleaseMetadata:
    return replace(release, deals=tuple(replace(deal, end=None) for deal in release.deals))


RELEASES = (_everything, releases.album, _single, _video_single)


def _renamed(release: ReleaseMetadata) -> ReleaseMetadata:
    return replace(release, title=Name("Renamed"))


def _recut_without_japan(release: ReleaseMetadata) -> ReleaseMetadata:
    first, *others = release.tracks
    new = {"video": digest("motion")} if first.is_video else {"audio": digest("other")}
    deals = tuple(
        replace(deal, territories=Territories.naming(deal.territories.countries() - {"JP"}))
        for deal in release.deals
    )
    return replace(release, tracks=(replace(first, **new), *others), deals=deals)


STYLE = MessageStyle(
    territorial_takedown=TerritorialTakedown.STATED, hash_algorithm=HashAlgorithm.SHA256
)

Change = Callable[[ReleaseMetadata], ReleaseMetadata]


class Life:
    """One release at one target. Each step is asked for, worked on, and then awaited."""

    def __init__(self, shop: Shop, target: str, metadata: ReleaseMetadata, schemas: Path) -> None:
        self.shop, self.target, self.schemas = shop, target, schemas
        self.metadata = replace(metadata, icpn=shop.next_icpn())
        self.release = shop.release(self.metadata)
        self.id = self._distribute()

    def _distribute(self) -> UUID:
        path = f"/releases/{self.release}/distributions"
        accepted = _of(self.shop.api.post(path, {"target_ids": [self.target]}))
        return UUID(accepted["items"][0]["id"])

    def begin(self) -> None:
        assert self._distribute() == self.id
        self.shop.work(self.id)

    def update(self, change: Change) -> None:
        self.metadata = change(self.metadata)
        body = self.shop.body(self.metadata)
        _of(self.shop.api.put(f"/releases/{self.release}", body))
        _of(self.shop.api.post(f"/distributions/{self.id}/update", {"reason": change.__name__}))
        self.shop.work(self.id)

    def ask(self, what: str, **more: Any) -> None:
        body = {"reason": "a test", **more}
        _of(self.shop.api.post(f"/distributions/{self.id}/{what}", body))
        self.shop.work(self.id)

    def came_to(self, status: Status, *, files: bool = False) -> Sent:
        self.shop.answered(self.id, status)
        sent = self.shop.received(self.id)
        assert sent.path.parent.parent == self.shop.dsp.folders.archive
        sent.require_right(self.schemas)
        assert sent.brings_files == files
        return sent

    def require_rebuilt(self) -> None:
        """Every message of it, byte for byte, from the log."""
        kinds = []
        for message in self.shop.composed(self.id):
            container = self.shop.container
            assert evidence.rebuild(container.log, container.composer, message["id"]).equal
            assert message["schema"] == "valid"
            kinds.append(message["kind"])
        assert kinds == ["initial", *["update"] * 2, "takedown", "initial", "takedown", "purge"]


@pytest.fixture
def shop(
    database_url: str, redis_url: str, tmp_path: Path, schemas: Path, files: dict[str, bytes]
) -> Iterator[Shop]:
    shop = Shop(tmp_path, database_url, redis_url, schemas, files)
    yield shop
    shop.close()


@pytest.mark.parametrize("ern", list(ErnVersion))
def test_releases_of_every_kind_live_and_go(ern: ErnVersion, shop: Shop, schemas: Path) -> None:
    target = shop.open(ern=ern, style=STYLE)
    lives = [Life(shop, target, make(), schemas) for make in RELEASES]
    for life in lives:
        life.begin()
    for life in lives:
        assert life.came_to(Status.LIVE, files=True).offers("JP")
        life.update(_renamed)
    for life in lives:
        assert life.came_to(Status.LIVE, files=False).offers("JP")
        life.update(_recut_without_japan)
    for life in lives:
        assert not life.came_to(Status.LIVE, files=True).offers("JP")
        life.ask("takedown")
    for life in lives:
        assert not life.came_to(Status.REMOVED).offers("FR")
        life.begin()
    for life in lives:
        assert life.came_to(Status.LIVE, files=True).offers("FR")
        life.ask("takedown")
    for life in lives:
        life.came_to(Status.REMOVED)
        life.ask("purge", icpn=life.metadata.icpn)
    for life in lives:
        assert life.came_to(Status.PURGED).name.localname == "PurgeReleaseMessage"

    assert shop.journal("rejected") == []
    for life in lives:
        life.require_rebuilt()
