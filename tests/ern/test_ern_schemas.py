"""Where the XSDs come from, and what happens when they are missing, broken or hostile."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from tests.ern.mutations import MESSAGES

from deadwax.application.messages import MessageSpec, SchemaCheck
from deadwax.domain.errors import Refused
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.ern.check import check
from deadwax.infrastructure.ern.install import install
from deadwax.infrastructure.ern.schemas import Schemas
from deadwax.infrastructure.ern.versions import STANDARDS, Standard

SETS = [s.folder for s in STANDARDS if s.folder]
KNOWN = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{}"{}>{}</xs:schema>'
)
ERN = "http://ddex.net/xml/ern/43"


def codes(source: Path, home: Path) -> list[str]:
    with pytest.raises(Refused) as refused:
        install(source, home)
    return [p.code for p in refused.value.problems]


def test_installed_sets_check_messages(schemas: Path, tmp_path: Path) -> None:
    assert install(schemas, tmp_path / "home") == [s.name for s in STANDARDS if s.folder]

    for message in MESSAGES.glob("*.xml"):
        checked = check(message.read_bytes(), Schemas(tmp_path / "home"))
        assert checked.schema is SchemaCheck.VALID, message.name
    assert sorted(p.name for p in (tmp_path / "home").iterdir()) == sorted(SETS)


def test_zip_of_any_layout_and_file_names_is_installed(schemas: Path, tmp_path: Path) -> None:
    archive = tmp_path / "ddex.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("ERN/readme.txt", "not needed")
        for path in (schemas / "ern-43").iterdir():
            name = path.name.replace("release-notification", "release-notification-43")
            file.write(path, f"DDEX pack/ERN 4.3/{name}")

    assert install(archive, tmp_path / "home") == ["ERN 4.3"]
    assert (tmp_path / "home" / "ern-43" / "release-notification.xsd").is_file()


def test_sets_side_by_side_in_one_folder_take_only_what_they_import(
    schemas: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for folder, main in (
        ("ern-382", "release-notification"),
        ("ern-c-sftp-18", "ern-choreography-sftp"),
    ):
        for path in (schemas / folder).iterdir():
            shutil.copyfile(path, source / path.name.replace(main, folder))

    assert install(source, tmp_path / "home") == ["ERN 3.8.2", "ERN choreography 1.8"]

    assert {p.name for p in (tmp_path / "home" / "ern-382").iterdir()} == {
        "avs_20161006.xsd",
        "release-notification.xsd",
    }


@pytest.mark.parametrize("standard", [s for s in STANDARDS if s.folder], ids=lambda s: s.name)
def test_allowed_values_are_found_by_what_the_schema_imports(
    standard: Standard, schemas: Path
) -> None:
    names = ("CurrencyCode", "IsoCurrencyCode")
    found = [Schemas(schemas).allowed_values(standard, name) for name in names]

    assert any(values and {"EUR", "USD"} <= values for values in found)
    assert Schemas(None).allowed_values(standard, names[0]) is None
    assert Schemas(schemas).allowed_values(standard, "NoSuchValueSet") is None


def test_standard_without_schema_has_none(schemas: Path) -> None:
    for standard in STANDARDS:
        found = Schemas(schemas).find(standard)
        assert (found is None) == (standard.folder is None)


def test_installing_again_replaces_the_set(schemas: Path, tmp_path: Path) -> None:
    install(schemas / "ern-43", tmp_path)
    (tmp_path / "ern-43" / "left-over.xsd").write_text("old")

    install(schemas / "ern-43", tmp_path)

    assert not (tmp_path / "ern-43" / "left-over.xsd").exists()


@pytest.mark.parametrize("name", ["../evil.xsd", "/tmp/evil.xsd", "a/../../evil.xsd", "C:\\e.xsd"])
def test_zip_that_leads_out_of_its_folder_is_refused(name: str, tmp_path: Path) -> None:
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(name, KNOWN.format(ERN, "", ""))

    assert codes(archive, tmp_path / "home") == ["schemas_unsafe"]
    assert list((tmp_path / "home").iterdir()) == []


def test_zip_bomb_is_refused_by_its_declared_size(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file,
        file.open("a.xsd", "w") as member,
    ):
        for _ in range(201):
            member.write(bytes(1_000_000))

    assert codes(archive, tmp_path / "home") == ["schemas_too_large"]


def test_schema_that_imports_from_elsewhere_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    away = '<xs:import namespace="x" schemaLocation="http://127.0.0.1:1/x.xsd"/>'
    (source / "a.xsd").write_text(KNOWN.format(ERN, "", away))

    assert codes(source, tmp_path / "home") == ["schemas_unsafe"]


def test_broken_set_is_refused_and_the_installed_one_stays(schemas: Path, tmp_path: Path) -> None:
    home, source = tmp_path / "home", tmp_path / "source"
    install(schemas / "ern-43", home)
    shutil.copytree(schemas / "ern-43", source)
    (source / "allowed-value-sets.xsd").unlink()

    assert codes(source, home) == ["schema_unusable"]
    assert (home / "ern-43" / "allowed-value-sets.xsd").is_file()


def test_files_that_are_broken_are_refused(tmp_path: Path) -> None:
    source, archive = tmp_path / "source", tmp_path / "broken.zip"
    source.mkdir()
    (source / "a.xsd").write_text(KNOWN.format(ERN, "", '<xs:import schemaLocation="b.xsd"/>'))
    (source / "b.xsd").write_text("<xs:schema")
    with zipfile.ZipFile(archive, "w") as file:
        file.write(source / "a.xsd", "a.xsd")
    archive.write_bytes(archive.read_bytes().replace(b"targetNamespace", b"tArgetNamespace"))

    assert codes(source, tmp_path / "home") == ["schemas_unreadable"]
    assert codes(archive, tmp_path / "home") == ["schemas_unreadable"]


def test_what_holds_no_schema_is_refused(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "file").write_text("hello")

    assert codes(tmp_path / "source", tmp_path / "home") == ["schemas_not_found"]
    assert codes(tmp_path / "file", tmp_path / "home") == ["schemas_unreadable"]
    assert codes(tmp_path / "nothing", tmp_path / "home") == ["schemas_unreadable"]


def test_folder_without_the_set_leaves_messages_unchecked(
    tmp_path: Path, album_spec: MessageSpec
) -> None:
    assert DdexMessages(tmp_path).build(album_spec).schema is SchemaCheck.NOT_CHECKED


def test_schema_that_does_not_compile_stops_the_build(
    tmp_path: Path, album_spec: MessageSpec
) -> None:
    folder = tmp_path / "ern-43"
    folder.mkdir()
    (folder / "release-notification.xsd").write_text(KNOWN.format(ERN, "", "<oops/>"))

    with pytest.raises(Refused) as refused:
        DdexMessages(tmp_path).build(album_spec)

    (problem,) = refused.value.problems
    assert problem.code == "schema_unusable"
    assert "release-notification.xsd" in problem.field
    assert "schemas install" in problem.fix
