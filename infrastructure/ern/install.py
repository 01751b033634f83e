"""Taking over DDEX schemas from a directory or a ZIP, wherever in it they lie."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from lxml import etree

from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.ern.schemas import compiled
from deadwax.infrastructure.ern.versions import Standard, by_namespace

_MOST_FILES = 2_000
_MOST_BYTES = 200_000_000
_XS = "{http://www.w3.org/2001/XMLSchema}"


def install(source: Path, home_schemas: Path) -> list[str]:
    """Copy each schema set found in `source` to its folder below `home_schemas`.

    A set is an XSD of a known target namespace with the XSDs beside it. Each is compiled
    before it replaces an older one. Returns the names of the sets; raises Refused if there is
    none or one cannot be used, with nothing changed.
    """
    home_schemas.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home_schemas, prefix=".incoming-") as scratch:
        unpacked = _unpack(source, Path(scratch) / "source")
        found = _find(unpacked)
        if not found:
            raise _refused("schemas_not_found", source, "There is no known DDEX schema in it.")
        for standard, main in found.items():
            _stage(main, Path(scratch) / standard.folder)
        for standard in found:
            _replace(Path(scratch) / standard.folder, home_schemas / standard.folder)
    return [standard.name for standard in found]


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


def _find(folder: Path) -> dict[Standard, Path]:
    found: dict[Standard, Path] = {}
    for path in sorted(folder.rglob("*.xsd")):
        standard = by_namespace(_target_namespace(path))
        if standard is not None:
            found.setdefault(standard, path)
    return found


def _target_namespace(path: Path) -> str | None:
    """Read from the start of the file: most of the others are large."""
    try:
        for _, element in etree.iterparse(str(path), events=("start",), no_network=True):
            return str(element.get("targetNamespace", ""))
    except (OSError, etree.XMLSyntaxError):
        return None
    return None


def _stage(main: Path, folder: Path) -> None:
    """A copy under the name that we look for, compiled."""
    folder.mkdir()
    standard = by_namespace(_target_namespace(main))
    assert standard is not None
    for path in main.parent.glob("*.xsd"):
        _check_imports(path)
        shutil.copyfile(path, folder / (standard.file if path == main else path.name))
    compiled(folder / standard.file)


def _check_imports(path: Path) -> None:
    """What a schema imports lies beside it; anything else would be read from elsewhere."""
    kinds = (f"{_XS}import", f"{_XS}include", f"{_XS}redefine")
    try:
        for _, element in etree.iterparse(str(path), tag=kinds, no_network=True):
            location = element.get("schemaLocation", "")
            if any(sign in location for sign in "/\\:"):
                raise _refused("schemas_unsafe", path, f"It imports {location!r}.")
    except etree.XMLSyntaxError as error:
        raise _refused("schemas_unreadable", path, f"It is not XML: {error}.") from None


def _replace(staged: Path, folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    staged.rename(folder)


def _refused(code: str, path: Path, message: str) -> Refused:
    fix = "Give the directory or ZIP with DDEX's XSDs for ERN 4.3 and the SFTP choreography 1.8."
    return Refused("The schemas were not installed", [Problem(code, str(path), message, fix)])
