"""Whatever is asked of a distribution in whatever order, its history stays sound."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from deadwax.domain.adapted import Adapted
from deadwax.domain.distribution import Distribution
from deadwax.domain.distribution_events import (
    AttemptFailed,
    AttemptStarted,
    Confirmed,
    MessageComposed,
    OutcomeBecameUnknown,
    PublishingStarted,
    Queued,
    Rejected,
    Sent,
)
from deadwax.domain.distribution_requests import (
    Cancelled,
    PurgeRequested,
    StatusOverridden,
    TakedownRequested,
)
from deadwax.domain.errors import DomainError
from deadwax.domain.failures import FailureCategory
from deadwax.domain.priority import Priority
from deadwax.domain.states import AT_WORK, GONE, HELD, MOVES, STATED_BY_PEOPLE, Status
from deadwax.domain.texts import Moment

NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)
EVIDENCE = {"files": [], "bytes": 1}
OUTCOMES = st.sampled_from(["accepted", "live", "removed", "rejected"])


Command = Callable[[Distribution], object]


def compose(d: Distribution) -> None:
    """The number of a message is that of its attempt, which no other has."""
    d.compose(d.token, {"id": f"m{d.attempt}", "kind": d.kind, "icpn": "5901234123457"})


def publish(d: Distribution) -> None:
    d.start_publishing(d.token)


def drop(d: Distribution) -> None:
    d.drop_update(d.token)


def fail(category: FailureCategory) -> Command:
    return lambda d: d.fail_attempt(d.token, category, "", NOON)


def answer(outcome: str, age: int = 0, file: str = "") -> Command:
    return lambda d: d.acknowledge(
        f"m{d.attempt - age}", outcome, {"sha256": file or f"{d.version}"}
    )


def delivered(outcome: str) -> list[Command]:
    return [
        answer(outcome),
        publish,
        lambda d: d.confirm_sent(d.token, EVIDENCE, expects_answer=False),
        lambda d: d.found_sent({"found": "manifest"}, expects_answer=False),
        drop,
    ]


TOWARDS: dict[Status, list[Command]] = {
    Status.VALIDATING: [
        Distribution.start_validation,
        Distribution.resume,
        Distribution.retry,
        lambda d: d.renew(NOON),
    ],
    Status.QUEUED: [
        lambda d: d.pass_validation(NOON),
        Distribution.come_due,
        Distribution.retry,
        Distribution.resume,
        Distribution.found_unsent,
        lambda d: d.give_back(d.token, "lease_expired"),
    ],
    Status.SCHEDULED: [lambda d: d.pass_validation(NOON - timedelta(days=1))],
    Status.PREPARING: [lambda d: d.start_attempt("worker-1", NOON)],
    Status.UPLOADING: [compose, lambda d: d.start_upload(d.token)],
    Status.PROCESSING_BY_PLATFORM: [
        publish,
        lambda d: d.confirm_sent(d.token, EVIDENCE, expects_answer=True),
        lambda d: d.found_sent({"found": "manifest"}, expects_answer=True),
        drop,
    ],
    Status.DISTRIBUTED: delivered("accepted"),
    Status.LIVE: [answer("live"), drop],
    Status.FAILED: [fail(FailureCategory.UNKNOWN), Distribution.found_unsent],
    Status.RETRYING: [fail(FailureCategory.UNKNOWN)],
    Status.NEEDS_ATTENTION: [lambda d: d.need_attention(FailureCategory.UNKNOWN, [])],
    Status.PURGE_REQUESTED: [lambda d: d.request_purge("a mistake", "5901234123457")],
    Status.PURGED: delivered("accepted"),
    Status.UPDATING: [lambda d: d.request_update("a correction")],
    Status.UPDATED: delivered("accepted"),
    Status.TAKEDOWN_REQUESTED: [
        lambda d: d.request_takedown("rights were lost"),
        lambda d: d.request_takedown("the licence ends", Moment("2031-06-01")),
    ],
    Status.REMOVED: delivered("removed"),
    Status.REJECTED: [answer("rejected")],
    Status.CANCELLED: [lambda d: d.cancel("a mistake")],
    Status.SUSPENDED: [lambda d: d.suspend("a dispute")],
    Status.OUTCOME_UNKNOWN: [publish, fail(FailureCategory.RIGHTS), Distribution.retry],
}
ALL = [
    lambda d: d.adapt(Adapted(None, "flac")),
    lambda d: d.fail_attempt(
        d.token, FailureCategory.CONTENT_FORMAT, "no WAV", NOON, adapted=Adapted("wav", "flac")
    ),
    *(command for commands in TOWARDS.values() for command in commands),
    lambda d: d.prioritise(Priority.HIGH),
    lambda d: d.prioritise(Priority.LOW),
]
_QUEUED = "validating queued"
_UPLOADING = "preparing uploading"
_SENT = f"{_UPLOADING} processing_by_platform"
OPERATORS: list[Command] = [
    lambda d: d.request_update("they lost the files", forced=True),
    lambda d: d.assign("ida@example.com", "knows them"),
    lambda d: d.assign(None, ""),
]
BEGINNINGS = [
    "",
    f"{_QUEUED} {_UPLOADING}",
    f"{_QUEUED} {_UPLOADING} outcome_unknown needs_attention",
    f"{_QUEUED} preparing retrying preparing retrying preparing",
    f"{_QUEUED} {_SENT} needs_attention",
    f"{_QUEUED} {_SENT} live updating {_UPLOADING}",
    f"{_QUEUED} {_SENT} live updating {_SENT} rejected",
    f"{_QUEUED} {_SENT} live updating preparing live",
    f"{_QUEUED} {_SENT} live takedown_requested {_SENT}",
    f"{_QUEUED} {_SENT} live takedown_requested {_SENT} removed purge_requested {_SENT}",
]
STALE: list[Callable[[Distribution, int], object]] = [
    lambda d, token: d.compose(token, {"id": "stale", "kind": d.kind}),
    lambda d, token: d.start_upload(token),
    lambda d, token: d.drop_update(token),
    lambda d, token: d.start_publishing(token),
    lambda d, token: d.confirm_sent(token, EVIDENCE, expects_answer=True),
    lambda d, token: d.fail_attempt(token, FailureCategory.UNKNOWN, "", NOON),
    lambda d, token: d.give_back(token, "lease_expired"),
]


class AnyHistory(RuleBasedStateMachine):
    """Wanders through the table, and off it: every command is tried anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.distribution = Distribution.request(UUID(int=1), UUID(int=2), "live", NOON)
        self.stored: list[Any] = list(self.distribution.collect_events())
        self.stated: dict[int, frozenset[str]] = {}

    def _try(self, command: Command) -> bool:
        before = _state(self.distribution)
        try:
            command(self.distribution)
        except DomainError:
            assert _state(self.distribution) == before, "a refused command changed something"
            assert not self.distribution.collect_events(), "a refused command stored something"
            return False
        self.stored += self.distribution.collect_events()
        return True

    def _walk(self, to: str) -> None:
        was = self.distribution.status
        for command in TOWARDS[Status(to)]:
            self._try(command)
            if self.distribution.status is not was:
                break

    @initialize(beginning=st.sampled_from(BEGINNINGS))
    def begin(self, beginning: str) -> None:
        for to in beginning.split():
            self._walk(to)
            assert self.distribution.status == to

    @rule(data=st.data(), moves=st.integers(1, 8))
    def wander(self, data: st.DataObject, moves: int) -> None:
        for _ in range(moves):
            self._walk(data.draw(st.sampled_from(self.distribution.allowed)))

    @rule(command=st.sampled_from(ALL))
    def stray(self, command: Command) -> None:
        self._try(command)

    @rule(data=st.data(), step=st.sampled_from(STALE))
    def go_on_without_a_lease(
        self, data: st.DataObject, step: Callable[[Distribution, int], object]
    ) -> None:
        tokens = [e.originator_version for e in self.stored if isinstance(e, AttemptStarted)]
        stale = data.draw(st.sampled_from([0, *tokens[:-1]]))
        assert not self._try(lambda d: step(d, stale))

    @rule(outcome=OUTCOMES, age=st.integers(0, 3), file=st.sampled_from(["f", "g", ""]))
    def answer(self, outcome: str, age: int, file: str) -> None:
        assert self._try(answer(outcome, age, file))

    @rule(command=st.sampled_from(OPERATORS))
    def look_after(self, command: Command) -> None:
        self._try(command)

    @rule(to=st.sampled_from(Status))
    def state(self, to: Status) -> None:
        """A person's word for it, taken only where it can be known and nobody is at work."""
        d, was = self.distribution, self.distribution.status
        free = was not in AT_WORK and not d.publishing
        if self._try(lambda d: d.override_status(to, "they said so")):
            assert free
            assert to in STATED_BY_PEOPLE
            assert d.status is to
            assert (to in HELD) <= bool(d.at_platform)
            assert (to in GONE) <= d.taken_down
            self.stated[d.version] = frozenset(d.at_platform)
        elif free and to in HELD | {Status.REMOVED, Status.CANCELLED}:
            assert to is was

    # -- what always holds

    @invariant()
    def every_move_is_in_the_table(self) -> None:
        now = Status.CREATED
        for event in self.stored[1:]:
            to = Status(getattr(event, "status", now))
            stated = isinstance(event, StatusOverridden)
            assert stated or to is now or to in MOVES[now], f"{now} -> {to} by {event.TOPIC}"
            now = to
        assert now is self.distribution.status

    @invariant()
    def a_replay_gives_the_same(self) -> None:
        replayed: Any = None
        for event in self.stored:
            replayed = event.mutate(replayed)
        assert _state(replayed) == _state(self.distribution)

    @invariant()
    def versions_have_no_gap(self) -> None:
        versions = [event.originator_version for event in self.stored]
        assert versions == list(range(1, len(versions) + 1))

    @invariant()
    def no_message_is_sent_twice(self) -> None:
        sent = [event.message_id for event in self.stored if isinstance(event, Sent)]
        assert sent == self.distribution.sent
        assert len(set(sent)) == len(sent)

    @invariant()
    def only_what_was_sent_is_confirmed(self) -> None:
        sent: set[str] = set()
        for event in self.stored:
            if isinstance(event, Sent):
                sent.add(event.message_id)
            assert not isinstance(event, Confirmed) or event.message_id in sent

    @invariant()
    def messages_are_sent_in_the_order_they_were_composed_in(self) -> None:
        numbers = [int(id[1:]) for id in self.distribution.sent]
        assert numbers == sorted(numbers)

    @invariant()
    def a_published_message_is_resolved_before_another_is_composed_or_published(self) -> None:
        publishing: str | None = None
        for event in self.stored:
            if isinstance(event, PublishingStarted):
                assert publishing in (None, event.message_id)
                publishing = event.message_id
            elif isinstance(event, MessageComposed):
                assert publishing is None
            elif isinstance(
                event, Sent | TakedownRequested | PurgeRequested | Queued | AttemptFailed
            ):
                publishing = None
        assert self.distribution.publishing == (publishing is not None)

    @invariant()
    def what_may_be_published_is_looked_at_and_not_retried(self) -> None:
        """The only ways out of an unknown outcome, and no way round it."""
        unresolved = (Status.UPLOADING, Status.OUTCOME_UNKNOWN, Status.NEEDS_ATTENTION)
        assert not self.distribution.publishing or self.distribution.status in unresolved
        last = self.stored[-1]
        if isinstance(last, OutcomeBecameUnknown):
            assert self.distribution.publishing

    @invariant()
    def only_what_was_taken_down_is_purged(self) -> None:
        gone, kind = False, ""
        for event in self.stored:
            if isinstance(event, PurgeRequested):
                assert gone
            elif isinstance(event, Sent):
                kind = event.kind
                gone = kind in ("takedown", "purge") or event.status in GONE
            elif isinstance(event, Rejected):  # what is not purged is taken down all the same
                gone = gone and kind == "purge"
            elif isinstance(event, Confirmed) or (
                isinstance(event, StatusOverridden) and event.status in GONE | HELD
            ):
                gone = event.status in GONE

    @invariant()
    def an_update_says_something_new_of_what_is_known(self) -> None:
        """What the platform goes by was accepted, and nothing was sent after it."""
        known = self.distribution.known
        if known is not None:
            assert known["id"] == self.distribution.sent[-1] or self._rejected_since(known["id"])
            assert known["id"] in self.distribution.at_platform

    def _rejected_since(self, message_id: str) -> bool:
        sent = [event.message_id for event in self.stored if isinstance(event, Sent)]
        rejected = {event.message_id for event in self.stored if isinstance(event, Rejected)}
        return set(sent[sent.index(message_id) + 1 :]) <= rejected

    @invariant()
    def nothing_is_cancelled_that_the_platform_may_have(self) -> None:
        may_have: set[str] = set()
        publishing = ""
        for event in self.stored:
            if isinstance(event, PublishingStarted):
                publishing = event.message_id
                may_have.add(publishing)
            elif isinstance(event, Sent | TakedownRequested | PurgeRequested):
                publishing = ""
            elif isinstance(event, Queued | AttemptFailed) and publishing:
                may_have.discard(publishing)
                publishing = ""
            elif isinstance(event, Rejected):
                may_have.discard(event.message_id)
            elif isinstance(event, StatusOverridden):
                may_have = set(self.stated[event.originator_version])
            elif isinstance(event, Cancelled):
                assert not may_have
            if getattr(event, "status", None) in GONE:
                may_have.clear()
        assert may_have == set(self.distribution.at_platform)


def _state(distribution: Distribution) -> dict[str, Any]:
    return {k: v for k, v in vars(distribution).items() if k != "_pending_events"}


AnyHistory.TestCase.settings = settings(
    settings.get_profile("repeatable"), max_examples=300, stateful_step_count=30
)
TestAnyHistory = AnyHistory.TestCase
