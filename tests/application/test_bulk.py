"""A bulk job is carried out to its end, whatever one of its items is like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.application.office import Office

from deadwax.application.bulk import Bulk
from deadwax.application.bulk_actions import COMMANDS
from deadwax.application.bulk_selection import Selection
from deadwax.application.catalogue import Catalogue
from deadwax.domain.aggregate import Event
from deadwax.domain.bulk_events import BulkStatus, ResultsRecorded
from deadwax.domain.bulk_terms import BulkAction, BulkOrder
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.states import Status
from deadwax.domain.texts import Name


class _Log:
    def __init__(self, office: Office) -> None:
        self._log: Any = office.catalogue._log
        self.stored: list[Event] = []

    def load_all(self, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Event]]:
        return {id: self._log.load(id) for id in ids}

    def load(self, id: UUID) -> Sequence[Event]:
        return self._log.load(id)  # type: ignore[no-any-return]

    def append(self, events: Sequence[Event]) -> int:
        self.stored += events
        return self._log.append(events)  # type: ignore[no-any-return]


def test_an_item_that_breaks_is_told_of_and_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acting(Cause(uuid4(), "key:test", "c")):
        office = Office(tmp_path)
        ids = [office.queued() for _ in range(3)]
        pairs = [(office[id].release_id, office.target_id) for id in ids]

        def breaks(d: Distribution, order: BulkOrder) -> None:
            d.cancel("Half of it.")
            if d.id == ids[1]:
                raise KeyError("secret words")

        monkeypatch.setitem(COMMANDS, BulkAction.CANCEL, breaks)  # type: ignore[arg-type]
        log: Any = _Log(office)
        choosing: Any = type("Choosing", (), {"distributions": lambda *_: iter(pairs)})()
        said: list[str] = []
        bulk = Bulk(
            Catalogue(log), office.assets, choosing, "worker", lambda what, **_: said.append(what)
        )
        order = BulkOrder(action=BulkAction.CANCEL, reason=Name("All of them."))
        job, _ = bulk.plan(order, Selection(target_ids=(office.target_id,)), run_when_checked=True)
        assert not bulk.advance(job.id, lambda: True)
        assert bulk.get(job.id).status is BulkStatus.FINISHED
        assert [office[id].status for id in ids] == [
            Status.CANCELLED,
            Status.QUEUED,
            Status.CANCELLED,
        ]
        (told,) = (event for event in log.stored if isinstance(event, ResultsRecorded))
        problems = [result.get("problem") for result in told.results]
        assert [bool(problem) for problem in problems] == [False, True, False]
        assert problems[1]["code"] == "internal_error"
        assert "secret" not in str(problems)
        assert said.count("bulk_item_broke") == 2  # as it was checked, and carried out
