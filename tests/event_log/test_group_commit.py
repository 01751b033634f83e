"""Leading and following, with a commit that the test holds and releases."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread

import pytest

from deadwax.infrastructure.event_log.commits import Append, GroupCommit

WAIT = 30


class Commits:
    """Takes groups; each is settled when the test says so."""

    def __init__(self) -> None:
        self.begun: SimpleQueue[list[str]] = SimpleQueue()
        self.go: SimpleQueue[Callable[[Sequence[Append]], None]] = SimpleQueue()

    def __call__(self, group: Sequence[Append]) -> None:
        self.begun.put([row for append in group for row in append.rows])
        self.go.get(timeout=WAIT)(group)


def store(group: Sequence[Append]) -> None:
    for append in group:
        append.position = int(append.rows[-1])


def interrupt(group: Sequence[Append]) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def commits() -> Commits:
    return Commits()


@pytest.fixture
def queue(commits: Commits) -> GroupCommit:
    return GroupCommit(commits, most_rows=5)


def submit(queue: GroupCommit, *rows: str) -> tuple[Append, Thread]:
    append = Append(rows, deadline=0.0)
    thread = Thread(target=queue.submit, args=(append,), daemon=True)
    thread.start()
    return append, thread


def wait_in_line(queue: GroupCommit, count: int) -> None:
    while len(queue._waiting) < count:
        threading.Event().wait(0.001)


def test_a_lone_append_is_committed_by_its_own_thread_at_once() -> None:
    threads = []

    def commit(group: Sequence[Append]) -> None:
        threads.append(threading.current_thread())
        store(group)

    append = Append(["1"], deadline=0.0)
    GroupCommit(commit, most_rows=5).submit(append)
    assert append.position == 1
    assert threads == [threading.current_thread()]


def test_what_arrives_meanwhile_goes_together_in_order_and_within_the_bound(
    commits: Commits, queue: GroupCommit
) -> None:
    first, _ = submit(queue, "1")
    assert commits.begun.get(timeout=WAIT) == ["1"]
    later = []
    for number, rows in enumerate((["2", "3"], ["4", "5"], ["6", "7"]), start=1):
        later.append(submit(queue, *rows))
        wait_in_line(queue, number)
    for _ in range(3):
        commits.go.put(store)
    assert commits.begun.get(timeout=WAIT) == ["2", "3", "4", "5"]
    assert commits.begun.get(timeout=WAIT) == ["6", "7"]
    for _, thread in later:
        thread.join(WAIT)
    assert [first.position, *(append.position for append, _ in later)] == [1, 3, 5, 7]


def test_an_append_beyond_the_bound_goes_alone(commits: Commits, queue: GroupCommit) -> None:
    submit(queue, "1")
    assert commits.begun.get(timeout=WAIT) == ["1"]
    big = [str(number) for number in range(2, 12)]
    submit(queue, *big)
    wait_in_line(queue, 1)
    submit(queue, "12")
    wait_in_line(queue, 2)
    for _ in range(3):
        commits.go.put(store)
    assert commits.begun.get(timeout=WAIT) == big
    assert commits.begun.get(timeout=WAIT) == ["12"]


def test_when_a_leader_is_interrupted_its_followers_commit_themselves(
    commits: Commits, queue: GroupCommit
) -> None:
    submit(queue, "1")
    commits.begun.get(timeout=WAIT)
    raised: SimpleQueue[BaseException] = SimpleQueue()

    def lead() -> None:
        try:
            queue.submit(Append(["2"], deadline=0.0))
        except KeyboardInterrupt as error:
            raised.put(error)

    Thread(target=lead, daemon=True).start()
    wait_in_line(queue, 1)
    follower, thread = submit(queue, "3")
    wait_in_line(queue, 2)
    commits.go.put(store)
    assert commits.begun.get(timeout=WAIT) == ["2", "3"]
    commits.go.put(interrupt)
    assert isinstance(raised.get(timeout=WAIT), KeyboardInterrupt)
    assert commits.begun.get(timeout=WAIT) == ["3"]
    commits.go.put(store)
    thread.join(WAIT)
    assert follower.position == 3


def test_a_follower_that_a_signal_takes_away_does_not_leave_the_others_without_a_leader(
    commits: Commits, queue: GroupCommit
) -> None:
    submit(queue, "1")
    commits.begun.get(timeout=WAIT)
    main = threading.main_thread().ident
    assert main is not None

    def strike() -> None:
        wait_in_line(queue, 1)
        signal.pthread_kill(main, signal.SIGINT)

    Thread(target=strike, daemon=True).start()
    # Whoever runs the tests may have them ignore SIGINT.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            queue.submit(Append(["2"], deadline=0.0))
    finally:
        signal.signal(signal.SIGINT, before)
    last, thread = submit(queue, "3")
    wait_in_line(queue, 1)
    commits.go.put(store)
    commits.go.put(store)
    assert commits.begun.get(timeout=WAIT) == ["3"]
    thread.join(WAIT)
    assert last.position == 3
