"""The workbench: whatever happens to a process that reads a file, its neighbours go on."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from deadwax.domain.assets import TextFacts
from deadwax.domain.errors import Refused
from deadwax.infrastructure.media.workbench import Closed, Limits, Workbench

_BAD = (sys.executable, str(Path(__file__).with_name("bad_child.py")))


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 1000)
    return str(path)


def bench(processes: int = 2, **limits: float) -> Workbench:
    return Workbench(processes, limits=Limits(**limits), command=_BAD)  # type: ignore[arg-type]


@pytest.fixture
def tools() -> Iterator[Workbench]:
    with bench(seconds=0, seconds_per_mib=0) as made:
        yield made


def said(tools: Workbench, file: str, what: str = "") -> str:
    facts = tools.recognise(file, what)
    assert isinstance(facts, TextFacts)
    return facts.codec


def pid(tools: Workbench, file: str) -> int:
    return int(said(tools, file).split()[0])


def code(tools: Workbench, file: str, what: str) -> str:
    with pytest.raises(Refused) as refused:
        tools.recognise(file, what)
    (problem,) = refused.value.problems
    assert problem.message
    assert problem.fix
    return problem.code


def until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("It did not come true.")


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("die", "media_decoder_died"),
        ("endless", "media_took_too_long"),
        ("bomb", "media_took_too_much_memory"),
        ("broken", "media_decoder_failed"),
        ("bad seek", "media_decoder_failed"),
    ],
)
def test_a_file_that_harms_its_reader_is_refused_and_the_next_is_read(
    tools: Workbench, file: str, what: str, expected: str
) -> None:
    assert code(tools, file, what) == expected
    assert pid(tools, file)


def test_a_process_that_waits_for_ever_is_ended(file: str) -> None:
    with bench(seconds=0, seconds_per_mib=0, patience=0.5) as tools:
        assert code(tools, file, "hang") == "media_took_too_long"


def test_neighbours_of_a_process_that_dies_are_not_disturbed(tools: Workbench, file: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        dying = [threads.submit(code, tools, file, "die") for _ in range(4)]
        living = [threads.submit(pid, tools, file) for _ in range(30)]
        assert {one.result() for one in dying} == {"media_decoder_died"}
        assert all(one.result() for one in living)


def test_a_thousand_jobs_share_few_processes(file: str) -> None:
    with bench(jobs=400) as tools, ThreadPoolExecutor(8) as threads:
        pids = [*threads.map(lambda _: pid(tools, file), range(1000))]
        alive = [p for p in set(pids) if psutil.pid_exists(p)]
    assert 3 <= len(set(pids)) <= 4  # two at once, each replaced after 400
    assert max(map(pids.count, set(pids))) <= 400
    assert len(alive) <= 2
    assert not any(map(psutil.pid_exists, pids))


def test_what_is_killed_in_the_middle_is_tried_again_but_not_for_ever(file: str) -> None:
    others = psutil.Process().children()
    with bench(processes=1) as tools:
        assert said(tools, file, "die once")
        first, killed = pid(tools, file), set[int]()

        def kill(done: float) -> None:
            (child,) = (one for one in psutil.Process().children() if one not in others)
            killed.add(child.pid)
            child.kill()

        with pytest.raises(Refused, match="broke off"):
            tools.analyse(file, "slow", TextFacts(codec="PDF"), kill)
        assert len(killed) == 3
        assert first in killed
        assert pid(tools, file) not in killed


def test_what_is_told_to_all_processes_of_a_service_does_not_end_a_reader(file: str) -> None:
    with bench(processes=1) as tools:
        first = pid(tools, file)
        for told in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(first, told)
        assert pid(tools, file) == first


def test_one_that_died_while_it_was_idle_is_replaced(file: str) -> None:
    with bench(processes=1) as tools:
        first = pid(tools, file)
        psutil.Process(first).kill()
        until(lambda: psutil.Process(first).status() == psutil.STATUS_ZOMBIE)
        assert pid(tools, file) != first


def test_who_is_told_of_progress_can_stop_the_work(tools: Workbench, file: str) -> None:
    class Enough(Exception):
        pass

    def enough(done: float) -> None:
        raise Enough

    with pytest.raises(Enough):
        tools.analyse(file, "slow", TextFacts(codec="PDF"), enough)
    assert pid(tools, file)


def test_what_is_refused_comes_back_as_it_was_said(tools: Workbench, file: str) -> None:
    with pytest.raises(Refused) as refused:
        tools.recognise(file, "refuse")
    assert refused.value.summary == "The file was not taken"
    assert [p.message for p in refused.value.problems] == ["message: with a colon"] * 2


def test_a_full_disk_is_not_the_fault_of_the_file(tools: Workbench, file: str) -> None:
    with pytest.raises(OSError, match="No space left"):
        tools.recognise(file, "disk full")


def test_a_file_that_is_away_is_no_refusal(tools: Workbench) -> None:
    with pytest.raises(FileNotFoundError):
        tools.recognise("/there/is/none", "")


def test_programs_that_a_process_runs_end_with_it(file: str) -> None:
    pid_file = Path(file).with_name("pid")
    with bench(seconds=0, seconds_per_mib=0, patience=0.5) as tools:
        assert code(tools, file, "program") == "media_took_too_long"
        program = int(pid_file.read_text())
        until(lambda: not psutil.pid_exists(program) or _is_zombie(program))


def test_processes_end_with_a_parent_that_is_killed(file: str, tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = (
        "import sys; from tests.media.test_workbench import bench, pid; from pathlib import Path;"
        f"tools = bench(); Path({str(told)!r}).write_text(str(pid(tools, {file!r})));"
        "sys.stdin.read()"
    )
    parent = psutil.Popen([sys.executable, "-c", script], stdin=-1, cwd=Path(__file__).parents[2])
    until(lambda: told.exists() and bool(told.read_text()))
    child = int(told.read_text())
    assert psutil.pid_exists(child)
    parent.kill()
    parent.wait()
    until(lambda: not psutil.pid_exists(child) or _is_zombie(child))


def test_closing_is_no_fault_of_the_file_that_is_read(file: str) -> None:
    tools, begun = bench(processes=1), threading.Event()
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(
            tools.analyse, file, "slow", TextFacts(codec="PDF"), lambda done: begun.set()
        )
        begun.wait()
        waiting = [threads.submit(tools.recognise, file, "") for _ in range(2)]
        tools.close()
        for one in (first, *waiting):
            with pytest.raises(Closed):
                one.result()
    with pytest.raises(Closed):
        tools.recognise(file, "")


def test_what_libraries_print_and_our_secrets_stay_away(
    tools: Workbench, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEADWAX_DATABASE_URL", "postgresql://user:secret@host/db")
    answer = said(tools, file)
    assert "''" in answer  # nothing to read on stdin either
    assert "PATH" in answer
    assert "DATABASE" not in answer


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
