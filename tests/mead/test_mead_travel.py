"""Companions travel with the release: as resources, before its message, named and hashed."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from deadwax.application.companions import CompanionSpec, companions_of, naming
from deadwax.application.messages import MessageKind, MessageSpec, ResourceFile
from deadwax.application.packaging import PackageFile, ReleaseFiles, package_of, release_ids
from deadwax.application.ports import StoredAsset
from deadwax.domain.choreography import Choreography
from deadwax.domain.choreography_versions import Checksums
from deadwax.domain.identifiers import Dpid
from deadwax.domain.message_style import HashAlgorithm, HashEncoding, MessageStyle
from deadwax.domain.package_paths import PackagePaths
from deadwax.domain.target import CompanionKind, ErnVersion
from deadwax.domain.tenant import Label
from deadwax.domain.texts import Name
from deadwax.infrastructure.ern.documents import document_list
from deadwax.infrastructure.mead.builder import DdexEnrichments

BOTH = (CompanionKind.MEAD, CompanionKind.PIE)
BATCH = "20261001123015000"
STYLED = MessageStyle(hash_algorithm=HashAlgorithm.SHA256, hash_encoding=HashEncoding.BASE64)


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
    paths = PackagePaths(choreography, BATCH)
    (files,) = package_of(paths, [release], None, kept.put).releases
    return list(files)


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


@pytest.mark.parametrize("style", [MessageStyle(), STYLED])
@pytest.mark.parametrize("folder", ["ern-411", "ern-42", "ern-43", "ern-432"])
def test_the_list_of_documents_is_what_every_xsd_of_ern_4_wants(
    folder: str, style: MessageStyle, message: MessageSpec, builder: DdexEnrichments, schemas: Path
) -> None:
    named = naming(replace(message, style=style), companions_of(message, BOTH, builder))
    kind = _schema_of(schemas / folder, "SupplementalDocumentList")
    document = etree.fromstring(document_list(named))
    kind.assertValid(document)
    for element, companion in zip(document, companions_of(message, BOTH, builder), strict=True):
        assert element.findtext("URI") == f"resources/{companion.file_name}"
        assert element.findtext("FileSize") == f"{len(companion.xml) / 1000:.3f}"
        name = element.findtext("HashSum/Algorithm")
        digest = hashlib.new(str(name).replace("-", "").lower(), companion.xml).digest()
        encoded = {None: digest.hex(), "Binary64": base64.b64encode(digest).decode()}
        stated = element.findtext("HashSum/DataType"), element.findtext("HashSum/HashSumValue")
        assert encoded[stated[0]] == stated[1]


def test_a_message_without_companions_has_no_list(message: MessageSpec) -> None:
    assert document_list(message) == ""


def _schema_of(folder: Path, name: str) -> etree.XMLSchema:
    """The set's own schema with this composite as a document element."""
    schema = etree.parse(folder / "release-notification.xsd")
    root = schema.getroot()
    prefix = next(p for p, uri in root.nsmap.items() if uri == root.get("targetNamespace"))
    root.attrib.pop("targetNamespace", None)
    text = etree.tostring(schema).replace(f'"{prefix}:'.encode(), b'"')
    alone = etree.fromstring(text, base_url=str(folder / "release-notification.xsd"))
    xs = "{http://www.w3.org/2001/XMLSchema}"
    alone.append(etree.Element(f"{xs}element", name=name, type=name))
    return etree.XMLSchema(alone)
