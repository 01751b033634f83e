"""The shape of the product: who may import whom, how events are named, how long files get."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

import deadwax.domain
from deadwax.domain.aggregate import Event, Root

PROJECT = Path(__file__).parents[1]
FOLDERS = ("domain", "application", "infrastructure", "projections", "api", "workers")
LONGEST = 350
DOMAIN_MAY_IMPORT = ("deadwax.domain", "eventsourcing.domain", "eventsourcing.utils")


def sources(*folders: str) -> dict[str, str]:
    """The text of every Python file of these folders, by its name within the project."""
    return {
        path.relative_to(PROJECT).as_posix(): path.read_text()
        for folder in folders
        for path in sorted((PROJECT / folder).rglob("*.py"))
    }


def findings(find: Callable[[ast.AST], Sequence[object]], *folders: str) -> dict[str, object]:
    """What `find` finds in each file in which it finds anything."""
    found = {name: find(ast.parse(text)) for name, text in sources(*folders).items()}
    return {name: what for name, what in found.items() if what}


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported, wherever it stands; relative ones with their dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def foreign_to_domain(tree: ast.AST) -> list[str]:
    return [
        module
        for module in imports(tree)
        if module.partition(".")[0] not in sys.stdlib_module_names
        and not module.startswith(DOMAIN_MAY_IMPORT)
    ]


def bare_imports(tree: ast.AST) -> list[str]:
    return [module for module in imports(tree) if module.partition(".")[0] in FOLDERS]


def reads_of_the_environment(tree: ast.AST) -> list[int]:
    """Lines that look a variable up. Handing all of it on to a child, as `{**os.environ}`, and
    setting a default for the children are not looking up."""
    handed_on = {
        id(value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if key is None
    }
    defaults = {
        id(node.value.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Attribute)
        and node.value.func.attr == "setdefault"
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        and node.attr in ("environ", "environb", "getenv", "getenvb")
        and id(node) not in handed_on | defaults
    ] + [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "os"
        and any(alias.name in ("environ", "getenv") for alias in node.names)
    ]


def event_classes() -> list[type[Event]]:
    for module in pkgutil.iter_modules(deadwax.domain.__path__, "deadwax.domain."):
        importlib.import_module(module.name)
    classes: list[type[Event]] = [Event]
    for cls in classes:  # grows while it is read
        classes.extend(cls.__subclasses__())
    return [cls for cls in classes if cls.__module__.startswith("deadwax.domain.") and cls.TOPIC]


def aggregate_topics() -> set[str]:
    classes: list[type[Root]] = [Root]
    for cls in classes:  # grows while it is read
        classes.extend(cls.__subclasses__())
    ours = (cls for cls in classes if cls.__module__.startswith("deadwax.domain."))
    return {topic for cls in ours if (topic := cls.__dict__.get("TOPIC"))}


def test_the_domain_imports_the_standard_library_and_events_only() -> None:
    assert findings(foreign_to_domain, "domain") == {}


def test_packages_are_imported_by_their_full_name() -> None:
    """`import domain` works from the root of the project, and makes every class twice."""
    assert findings(bare_imports, *FOLDERS, "tests", "docs") == {}


def test_only_settings_reads_the_environment() -> None:
    assert list(findings(reads_of_the_environment, *FOLDERS)) == ["infrastructure/settings.py"]


def test_a_file_keeps_to_one_subject() -> None:
    lengths = {name: len(text.splitlines()) for name, text in sources(*FOLDERS).items()}

    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}


def test_a_package_is_a_folder_and_its_init_is_empty() -> None:
    files = sources(*FOLDERS)
    packages = {name.rpartition("/")[0] for name in files}

    assert [name for name in files if name.endswith("__init__.py") and files[name]] == []
    assert [name for name in packages if f"{name}/__init__.py" not in files] == []


def test_the_packages_of_development_are_the_folders() -> None:
    links = {path.name: path for path in (PROJECT / "src" / "deadwax").iterdir()}

    assert {name for name, path in links.items() if path.is_dir()} - {"__pycache__"} == {*FOLDERS}
    assert all(links[folder].resolve() == PROJECT / folder for folder in FOLDERS)


@pytest.mark.parametrize("cls", event_classes(), ids=lambda cls: cls.TOPIC)
def test_an_event_is_named_for_what_happened_to_its_aggregate(cls: type[Event]) -> None:
    prefix, _, happened = cls.TOPIC.partition(".")

    assert prefix in aggregate_topics()
    assert re.fullmatch(r"[a-z_]+", happened)
    assert any(
        word.endswith("ed") or word in ("sent", "became", "went", "overridden")
        for word in happened.split("_")
    ), f"{happened} is not in the past tense"


def test_topics_are_unique() -> None:
    topics = [cls.TOPIC for cls in event_classes()]

    assert len(topics) > 30
    assert sorted(set(topics)) == sorted(topics)


@pytest.mark.parametrize("cls", event_classes(), ids=lambda cls: cls.TOPIC)
def test_a_changed_event_can_be_brought_to_its_latest_version(cls: type[Event]) -> None:
    steps = [f"upcast_v{n}_v{n + 1}" for n in range(1, cls.class_version)]

    assert [step for step in steps if not hasattr(cls, step)] == []


# -- that these rules bite


@pytest.mark.parametrize(
    "planted",
    [
        "import psycopg",
        "from pydantic import BaseModel",
        "from deadwax.application import ports",
        "from eventsourcing.persistence import Recorder",
        "def f():\n    import lxml.etree",
        "from . import errors",
    ],
)
def test_a_foreign_import_in_the_domain_is_found(planted: str) -> None:
    assert foreign_to_domain(ast.parse(planted))


@pytest.mark.parametrize("planted", ["import domain.errors", "from api import app"])
def test_a_bare_import_is_found(planted: str) -> None:
    assert bare_imports(ast.parse(planted))


@pytest.mark.parametrize(
    "planted",
    [
        *("os.environ['X']", "os.environ.get('X')", "os.getenv('X')", "'X' in os.environ"),
        *("from os import environ", "x = os.environ.setdefault('X', '1')", "dict(os.environ)"),
    ],
)
def test_a_look_at_the_environment_is_found(planted: str) -> None:
    assert reads_of_the_environment(ast.parse(planted))


@pytest.mark.parametrize(
    ("file", "planted", "said"),
    [
        ("domain/rules.py", "", "0 broken"),
        ("domain/rules.py", "import deadwax.application.ports", "layers BROKEN"),
        ("application/releases.py", "import deadwax.infrastructure.settings", "layers BROKEN"),
        ("projections/base.py", "import deadwax.api.app", "layers BROKEN"),
        ("api/app.py", "import deadwax.workers.cli", "layers BROKEN"),
        ("application/targets.py", "import psycopg", "the core knows no driver BROKEN"),
    ],
)
def test_import_linter_finds_what_is_planted_and_nothing_else(
    tmp_path: Path, file: str, planted: str, said: str
) -> None:
    for folder in FOLDERS:
        shutil.copytree(
            PROJECT / folder, tmp_path / "deadwax" / folder, ignore=shutil.ignore_patterns("*.pyc")
        )
    shutil.copy(PROJECT / "src/deadwax/__init__.py", tmp_path / "deadwax")
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    victim = tmp_path / "deadwax" / file
    victim.write_text(f"{victim.read_text()}\n{planted}\n")

    linted = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert said in linted.stdout, linted.stdout + linted.stderr
    assert linted.returncode == (1 if planted else 0)
