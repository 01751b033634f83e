"""The wheel and the sdist hold every file of the product that git knows, and nothing else; what
is installed from it works."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests import material

PROJECT = Path(__file__).parents[1]
FOLDERS = ("domain", "application", "infrastructure", "projections", "api", "workers")
OWN = {"src/deadwax/__init__.py", "src/deadwax/py.typed"}


def build(source: Path, to: Path, *what: str) -> Path:
    """By the command that a packager uses, without asking an index for anything."""
    built = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", *what, "--outdir", to, source],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    [distribution] = to.iterdir()
    return distribution


@pytest.fixture(scope="module")
def expected() -> set[str]:
    if not (PROJECT / ".git").exists():
        pytest.skip("Without git there is no list to compare with.")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *FOLDERS],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert listed.returncode == 0, listed.stderr
    files = {name for name in listed.stdout.split("\0") if name and (PROJECT / name).exists()}
    assert len(files) > 50
    return files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(build(PROJECT, tmp_path_factory.mktemp("wheel"), "--wheel")) as wheel:
        yield wheel


def test_the_wheel_holds_every_file_in_its_package(
    wheel: zipfile.ZipFile, expected: set[str]
) -> None:
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert expected - {name.removeprefix("deadwax/") for name in packed} == set()
    assert all(name.startswith("deadwax/") for name in packed)


def test_the_wheel_holds_nothing_that_git_does_not_know(
    wheel: zipfile.ZipFile, expected: set[str]
) -> None:
    own = {name.removeprefix("src/") for name in OWN}
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    untracked = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-standard", "--", *FOLDERS],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")

    known = {f"deadwax/{name}" for name in expected | set(untracked)} | own
    assert packed - known == set()
    assert own <= packed


def test_the_wheel_brings_the_command(wheel: zipfile.ZipFile) -> None:
    [entry_points] = [n for n in wheel.namelist() if n.endswith("entry_points.txt")]

    assert b"deadwax = deadwax.workers.cli:main" in wheel.read(entry_points)


def test_a_file_is_measured_by_what_is_in_the_wheel(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Rows of checks and limits are data, which no import would miss; the file is read by a process
    that the installed package starts."""
    wheel.extractall(tmp_path / "installed")
    file = tmp_path / "a.flac"
    file.write_bytes(material.recording(1))
    done = subprocess.run(
        [sys.executable, "-m", "deadwax.workers.cli", "media", "inspect", "--json", file],
        env=os.environ | {"PYTHONPATH": str(tmp_path / "installed")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    assert (json.loads(done.stdout)["container"], done.stderr) == ("FLAC", "")


def test_what_the_product_imports_is_installed_with_it(expected: set[str]) -> None:
    """And not only with what development needs besides; contracts are for tests of others."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    installed = _with_all_they_need(project["dependencies"])
    brought_by = packages_distributions()
    missing = {
        f"{name}: {module}"
        for name in expected
        if name.endswith(".py") and not name.endswith("contract.py")
        for module in _imported(ast.parse((PROJECT / name).read_text()))
        if module not in sys.stdlib_module_names | {"deadwax"}
        and not installed & {canonicalize_name(one) for one in brought_by.get(module, ())}
    }
    assert missing == set()


def _with_all_they_need(texts: list[str]) -> set[str]:
    found, left = set[tuple[str, str]](), [Requirement(text) for text in texts]
    while left:
        one = left.pop()
        for extra in {"", *one.extras}:
            if (canonicalize_name(one.name), extra) not in found:
                found.add((canonicalize_name(one.name), extra))
                more = [Requirement(text) for text in requires(one.name) or ()]
                left += [m for m in more if not m.marker or m.marker.evaluate({"extra": extra})]
    return {name for name, _ in found}


def _imported(node: ast.AST) -> Iterator[str]:
    """What is imported when the program runs; types alone come with development."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module.split(".")[0]
    for child in ast.iter_child_nodes(node):
        yield from _imported(child)


def test_a_wheel_built_from_the_sdist_is_the_same(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Both leave files out in ways of their own: the sdist by what it excludes."""
    sdist = build(PROJECT, tmp_path / "sdist", "--sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    [source] = (tmp_path / "source").iterdir()
    with zipfile.ZipFile(build(source, tmp_path / "wheel", "--wheel")) as again:
        assert sorted(again.namelist()) == sorted(wheel.namelist())
