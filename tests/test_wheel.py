"""The wheel and the sdist hold every file of the product that git knows, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

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


def test_a_wheel_built_from_the_sdist_is_the_same(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Both leave files out in ways of their own: the sdist by what it excludes."""
    sdist = build(PROJECT, tmp_path / "sdist", "--sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    [source] = (tmp_path / "source").iterdir()
    with zipfile.ZipFile(build(source, tmp_path / "wheel", "--wheel")) as again:
        assert sorted(again.namelist()) == sorted(wheel.namelist())
