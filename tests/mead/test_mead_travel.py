"""Companions travel with the release: as resources, before its message, named and hashed."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from deadwax.application.companions import CompanionSpec, companions_of, naming
from deadwax.application.messages import MessageKind, MessageSpec, ResourceFile
from deadwax.application.packaging import PackageFile, ReleaseFiles, files_of, release_ids
from deadwax.application.ports import StoredAsset
from deadwax.domain.choreography import Choreography
from deadwax.domain.choreography_versions import Checksums
from deadwax.domain.identifiers import Dpid
from deadwax.domain.package_paths import PackagePaths
from deadwax.domain.target import CompanionKind, ErnVersion
from deadwax.domain.tenant import Label
from deadwax.domain.texts import Name
from deadwax.infrastructure.mead.builder import DdexEnrichments

BOTH = (CompanionKind.MEAD, CompanionKind.PIE)
BATCH = "20261001123015000"


@pytest.fixture
def message(spec: CompanionSpec) -> MessageSpec:
    return MessageSpec(
        kind=MessageKind.INITIAL,
        message_id=spec.message_id,
        thread_id=spec.thread_id,
        created_at=spec.created_at,
        mode=spec.mode,
        ern=ErnVersion.V43,
        sender=spec.sender,
        recipient=spec.recipient,
        label=Label(name=Name("Run-out Records"), dpid=Dpid("PADPIDA2007050901U")),
        release=spec.release,
        assets={},
    )


class Kept:
    """Where bytes are kept, by their SHA-256."""

    def __init__(self) -> None:
        self.bytes: dict[str, bytes] = {}

    def put(self, data: bytes) -> StoredAsset:
        sha256 = hashlib.sha256(data).hexdigest()
        self.bytes[sha256] = data
        return StoredAsset(sha256=sha256, md5=hashlib.md5(data).hexdigest(), size=len(data))


def package(message: MessageSpec, choreography: Choreography, kept: Kept) -> list[PackageFile]:
    ids = release_ids(message.release)
    release = ReleaseFiles(
        ids=ids,
        message=kept.put(b"<NewReleaseMessage/>"),
        resources=message.documents,
        assets=message.assets,
    )
    return files_of(PackagePaths(choreography, BATCH), [release], None, kept.put)


def test_the_message_names_each_companion_with_its_size_and_hashes(
    message: MessageSpec, builder: DdexEnrichments
) -> None:
    companions = companions_of(message, BOTH, builder)
    named = naming(message, companions)
    assert [c.kind for c in companions] == list(BOTH)
    assert named.documents == tuple(
        ResourceFile(
            uri=f"resources/{companion.file_name}",
            sha256=hashlib.sha256(companion.xml).hexdigest(),
            size=len(companion.xml),
        )
        for companion in companions
    )
    for companion, document in zip(companions, named.documents, strict=True):
        assert named.assets[document.sha256].md5 == hashlib.md5(companion.xml).hexdigest()


@pytest.mark.parametrize("kind", [MessageKind.TAKEDOWN, MessageKind.PURGE])
def test_nothing_travels_with_what_takes_the_release_away(
    kind: MessageKind, message: MessageSpec, builder: DdexEnrichments
) -> None:
    assert companions_of(replace(message, kind=kind), BOTH, builder) == ()


def test_an_update_says_it_all_again_under_an_id_of_its_own(
    message: MessageSpec, builder: DdexEnrichments
) -> None:
    update = replace(message, kind=MessageKind.UPDATE, message_id=f"{message.thread_id}.2")
    ids = [c.message_id for c in companions_of(update, BOTH, builder)]
    assert ids == [f"{message.thread_id}.2.mead", f"{message.thread_id}.2.pie"]


def test_a_target_that_wants_none_gets_the_same_message_as_before(
    message: MessageSpec, builder: DdexEnrichments
) -> None:
    assert naming(message, companions_of(message, (), builder)) == message


def test_companions_arrive_before_the_message_that_names_them(
    message: MessageSpec, builder: DdexEnrichments
) -> None:
    companions = companions_of(message, BOTH, builder)
    kept = Kept()
    files = package(naming(message, companions), Choreography(checksums=Checksums.ALL), kept)
    names = [file.path.rpartition("/")[2] for file in files]
    mead, pie = (companion.file_name for companion in companions)
    assert names == [
        f"{mead}.md5",
        mead,
        f"{pie}.md5",
        pie,
        "5901234123457.xml.md5",
        "5901234123457.xml",
    ]
    assert all("/resources/" in file.path for file in files[:4])
    for companion, checksum in zip(companions, files[:4:2], strict=True):
        digest = hashlib.md5(companion.xml).hexdigest()
        assert kept.bytes[checksum.sha256] == f"{digest}  {companion.file_name}\n".encode()
