"""Taking over DDEX schemas from a directory or a ZIP, wherever in it they lie."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from lxml import etree

from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.ern.schemas import compile_schema, imports
from deadwax.infrastructure.ern.versions import STANDARDS, Standard

_MOST_FILES = 2_000
_MOST_BYTES = 200_000_000


def install(source: Path, home_schemas: Path) -> list[str]:
    """Copy each schema set found in `source` to its folder below `home_schemas`.

    A set is an XSD of a known target namespace with those that it imports, which lie beside
    it. Each is compiled before it replaces an older one. Returns the names of the sets; raises
    Refused if there is none or one cannot be used, with nothing changed.
    """
    home_schemas.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home_schemas, prefix=".incoming-") as scratch:
        unpacked = _unpack(source, Path(scratch) / "source")
        found = _find(unpacked)
        if not found:
            raise _refused("schemas_not_found", source, "There is no known DDEX schema in it.")
        for folder, (standard, main) in found.items():
            _stage(main, Path(scratch) / folder, standard.file)
        for folder in found:
            _replace(Path(scratch) / folder, home_schemas / folder)
    return [standard.name for standard, _ in found.values()]


def _unpack(source: Path, folder: Path) -> Path:
    if source.is_dir():
        return source
    if not zipfile.is_zipfile(source):
        raise _refused("schemas_unreadable", source, "It is neither a directory nor a ZIP.")
    with zipfile.ZipFile(source) as archive:
        members = [m for m in archive.infolist() if m.filename.lower().endswith(".xsd")]
        if len(members) > _MOST_FILES or sum(m.file_size for m in members) > _MOST_BYTES:
            raise _refused("schemas_too_large", source, "It holds more than any schema set does.")
        for member in members:
            path = PurePosixPath(member.filename.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or ":" in member.filename:
                raise _refused("schemas_unsafe", source, f"It names {member.filename!r}.")
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                target.write_bytes(archive.read(member))
            except (zipfile.BadZipFile, RuntimeError) as error:  # broken, or encrypted
                raise _refused("schemas_unreadable", source, f"{error}.") from None
    return folder


def _find(folder: Path) -> dict[str, tuple[Standard, Path]]:
    """The main file of each set, by the name of its folder; the order is that of STANDARDS."""
    paths: dict[str | None, Path] = {}
    for path in sorted(folder.rglob("*.xsd")):
        paths.setdefault(_target_namespace(path), path)
    return {
        standard.folder: (standard, paths[standard.namespace])
        for standard in STANDARDS
        if standard.folder is not None and standard.namespace in paths
    }


def _target_namespace(path: Path) -> str | None:
    """Read from the start of the file: most of the others are large."""
    try:
        for _, element in etree.iterparse(str(path), events=("start",), no_network=True):
            return str(element.get("targetNamespace", ""))
    except (OSError, etree.XMLSyntaxError):
        return None
    return None


def _stage(main: Path, folder: Path, name: str) -> None:
    """A copy under the name that we look for, with what it imports, compiled."""
    folder.mkdir()
    shutil.copyfile(main, folder / name)
    waiting = _imported(main)
    while waiting:
        path = waiting.pop()
        if path.is_file() and not (folder / path.name).exists():
            shutil.copyfile(path, folder / path.name)
            waiting += _imported(path)
    compile_schema(folder / name, fast=True)


def _imported(path: Path) -> list[Path]:
    """What a schema imports lies beside it; anything else would be read from elsewhere."""
    found = []
    try:
        for _, location in imports(path):
            if any(sign in location for sign in "/\\:"):
                raise _refused("schemas_unsafe", path, f"It imports {location!r}.")
            if location:
                found.append(path.parent / location)
    except etree.XMLSyntaxError as error:
        raise _refused("schemas_unreadable", path, f"It is not XML: {error}.") from None
    return found


def _replace(staged: Path, folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    staged.rename(folder)


def _refused(code: str, path: Path, message: str) -> Refused:
    fix = "Give the directory or ZIP with DDEX's XSDs for ERN and its choreography."
    return Refused("The schemas were not installed", [Problem(code, str(path), message, fix)])
