"""Files are brought into the form that a target wants before they are delivered to it.

That takes from seconds to many minutes, so no lease is taken for it and no place at the target:
nothing of it is lost with its worker but time, and what was made is found again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from deadwax.application.catalogue import Catalogue
from deadwax.application.compose import Composer
from deadwax.application.errors import Conflict, NotFound, Stopped
from deadwax.application.forms import Wanted
from deadwax.application.ports import Progress, Snapshot
from deadwax.application.process import Process
from deadwax.application.renditions import Renditions
from deadwax.domain import clock
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.failures import FailureCategory, category_of
from deadwax.domain.renditions import Rendition
from deadwax.domain.states import Status

Exclusive = Callable[[UUID], AbstractContextManager[bool]]
"""Whether the thing with this id is ours while the context lasts, and nobody else's."""

ROUTE = "rendering"
"""What stands for the way to the platform in the progress that people see."""
BROKEN_FOR = timedelta(minutes=10)
"""How long a fault of ours, such as a lost database, may last before a person is told."""

_PREPARED = (Status.CREATED, Status.VALIDATING)
_RENDERED_FOR = (*_PREPARED, Status.QUEUED, Status.RETRYING, Status.UPDATING)
_BETWEEN_LOOKS = 1.0


class Rendering:
    """`lease` is how long an attempt may hold one, in seconds."""

    def __init__(
        self,
        catalogue: Catalogue,
        composer: Composer,
        renditions: Renditions,
        exclusive: Exclusive,
        progress: Progress,
        process: Process,
        lease: float,
    ) -> None:
        self._catalogue, self._composer = catalogue, composer
        self._renditions, self._exclusive = renditions, exclusive
        self._progress, self._process, self._lease = progress, process, lease

    def run(self, distribution_id: UUID, keep_going: Callable[[], bool]) -> bool:
        """Make what the next message of a distribution needs; whether it should be moved on now.
        What cannot be made is told to a person, with every reason. What another worker is making
        is left to it. Safe to run twice, at once, or again after a crash at any point."""
        d = self._catalogue.find(Distribution, distribution_id)
        if d is None or d.status not in _RENDERED_FOR:
            return False
        with self._process.acting(d):
            try:
                return self._make(d, self._composer.missing(d), keep_going)
            except Stopped:
                return False
            except Refused as refused:
                self._tell(d.id, _category(refused), refused.problems)
            except NotFound as lost:
                problem = Problem("file_lost", "", str(lost), "Restore the file, then retry.")
                self._tell(d.id, FailureCategory.NOT_FOUND, [problem])
            except Exception as error:
                if clock.now() - d.since < BROKEN_FOR:
                    raise
                self._process.say(d, "rendering_broke", exc_info=True)
                self._tell(d.id, FailureCategory.UNKNOWN, [_broken(error)])
            finally:
                self._progress.forget({d.id: d.token})
        return False

    def _make(
        self, d: Distribution, missing: Sequence[Wanted], keep_going: Callable[[], bool]
    ) -> bool:
        elsewhere, problems = False, []
        shown = _Shown(self._progress, d, len(missing), keep_going)
        for one in missing:
            shown.begin(one)
            with self._exclusive(Rendition.id_of(d.tenant_id, one.source, one.recipe)) as ours:
                if not ours:
                    elsewhere = True
                    continue
                try:
                    made = self._renditions.make(one.source, one.recipe, progress=shown.tell)
                except Refused as refused:
                    problems += [replace(why, field=one.field) for why in refused.problems]
                    continue
            self._process.say(d, "rendered", field=one.field, form=one.name, sha256=made.sha256)
        if problems:
            raise Refused("The files cannot be delivered in the form that is wanted", problems)
        return not elsewhere

    def _tell(self, id: UUID, why: FailureCategory, problems: Sequence[Problem]) -> None:
        """A person. What waits for its turn is looked into by an attempt that ends with it."""
        d = self._catalogue.find(Distribution, id)
        if d is None or d.status not in _RENDERED_FOR:
            return
        with suppress(Conflict):  # somebody else was first: then this is found out again
            if d.status in _PREPARED:
                d.start_validation()
            else:
                until = clock.now() + timedelta(seconds=self._lease)
                d.start_attempt(self._process.worker, until)
            d.need_attention(why, list(problems))
            self._catalogue.save(d)


class _Shown:
    """How far it is, for people, at most once a second. Raises Stopped to end the work."""

    def __init__(
        self, progress: Progress, d: Distribution, files: int, keep_going: Callable[[], bool]
    ) -> None:
        self._progress, self._tokens, self._files = progress, {d.id: d.token}, files
        self._keep_going = keep_going
        self._begun, self._name, self._next = 0, "", 0.0

    def begin(self, one: Wanted) -> None:
        self._begun, self._name = self._begun + 1, f"{one.field} as {one.name}"
        self.tell(0.0)

    def tell(self, fraction: float) -> None:
        if not self._keep_going():
            raise Stopped("The worker was asked to stop.")
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _BETWEEN_LOOKS
        self._progress.show(
            self._tokens,
            Snapshot(
                route=ROUTE,
                file=f"{self._name}, {fraction:.0%}",
                files_done=self._begun - 1,
                files=self._files,
                bytes_done=0,
                bytes_total=0,
                bytes_sent=0,
                rate=0,
                seconds_left=None,
            ),
        )


def _category(refused: Refused) -> FailureCategory:
    """What can be said of no file is said of its form: it could not be made of it."""
    why = category_of(refused.problems)
    return FailureCategory.CONTENT_FORMAT if why is FailureCategory.METADATA_INVALID else why


def _broken(error: Exception) -> Problem:
    return Problem(
        "rendering_broke",
        "",
        f"Internal error: {type(error).__name__}.",
        "Read the worker's log by the correlation id, report what it says, then retry.",
    )
