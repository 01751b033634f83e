"""Reading what a platform wrote back, and applying it to the distributions it names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass, replace
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.correlate import Correlator
from deadwax.application.errors import Conflict, DeliveryFailed, NotYet
from deadwax.application.gate import TARGET_FAILURES
from deadwax.application.messages import Acknowledgement, MessageBuilder, Outcome
from deadwax.application.ports import (
    AssetStore,
    Can,
    Correspondence,
    Courier,
    Couriers,
    Inbox,
    RemoteFile,
)
from deadwax.application.process import cause_of
from deadwax.application.retries import other_form, strategy_of
from deadwax.domain.aggregate import Root
from deadwax.domain.cause import acting
from deadwax.domain.choreography_versions import ChoreographyVersion
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.failures import FailureCategory, Recovery, category_of
from deadwax.domain.kept_acknowledgement import KeptAcknowledgement
from deadwax.domain.package_paths import PackagePaths
from deadwax.domain.plain import to_plain
from deadwax.domain.release import Release
from deadwax.domain.states import Status
from deadwax.domain.target import DeliveryTarget, TargetSettings

_LIMIT = 4 * 1024 * 1024


Because = Callable[[Root], AbstractContextManager[object]]
"""In whose name, and because of what, something happens to an aggregate."""


@dataclass(frozen=True)
class Applied:
    """What one statement was about, and what it means there."""

    distribution_id: UUID
    message_id: str
    outcome: Outcome
    status: str


@dataclass(frozen=True)
class Receipt:
    """What became of an acknowledgement: applied, kept (or both, where it says several things).
    `position` is that of the last event, 0 if nothing was new."""

    applied: tuple[Applied, ...]
    kept: UUID | None
    problems: tuple[Problem, ...]
    position: int


@dataclass(frozen=True)
class _File:
    """An acknowledgement as it came. `cause` is for what happens to an aggregate because of it."""

    target: DeliveryTarget
    source: str
    path: str
    sha256: str
    cause: Because


_SOURCES = {"sftp": "ddex_acknowledgement", "http": "ddex_acknowledgement"}


class FollowUp:
    def __init__(
        self,
        catalogue: Catalogue,
        assets: AssetStore,
        messages: MessageBuilder,
        couriers: Couriers,
        inbox: Inbox,
        correlator: Correlator,
        correspondence: Correspondence,
        worker: str,
        notice: Callable[..., None],
    ) -> None:
        self._catalogue, self._assets, self._messages = catalogue, assets, messages
        self._couriers, self._inbox = couriers, inbox
        self._correlator, self._correspondence = correlator, correspondence
        self._worker, self._notice = worker, notice

    def poll(self, target_id: UUID) -> None:
        """Read the acknowledgement files of a target that were not read before.

        A target that cannot be reached is noticed and tried at the next poll, as is a file that
        cannot be fetched, or applied yet. One that cannot be read, or matches nothing, is kept.
        Where the protocol cannot list files there are none.
        """
        target = self._catalogue.find(DeliveryTarget, target_id)
        if target is None:
            return
        try:
            with closing(self._couriers.connect(target.tenant_id, target.settings)) as courier:
                if not {Can.LIST, Can.FETCH} <= courier.can:
                    return
                files = self._list(courier, target)
                for file in self._inbox.unread(target_id, sorted(files, key=_when)):
                    self._read(target, file, courier)
        except (DeliveryFailed, Refused) as why:
            self._notice("cannot_poll", target_id=str(target_id), detail=str(why))

    def receive(self, target_id: UUID, data: bytes) -> Receipt:
        """An acknowledgement that came by HTTP, in the name of whoever sent it.

        Raises NotFound; Refused for bytes that are no acknowledgement, of which nothing is kept;
        NotYet if it has to be sent again.
        """
        target = self._catalogue.get(DeliveryTarget, target_id)
        said = self._messages.read_acknowledgements(data)
        sha256 = self._assets.put([data]).sha256
        return self._take(_File(target, "http", "", sha256, lambda _: nullcontext()), said)

    def _list(self, courier: Courier, target: DeliveryTarget) -> list[RemoteFile]:
        """Up to 1.5 answers to a batch lie in its own folder."""
        choreography = target.settings.choreography
        files = courier.list(choreography.acknowledgements)
        if choreography.is_batch and choreography.version is ChoreographyVersion.V15:
            for folder in self._awaited_folders(target):
                beside = courier.list(folder)
                files += [f for f in beside if f.path.startswith(f"{folder}/ACK_")]
        return [file for file in files if file.path.endswith(".xml")]

    def _awaited_folders(self, target: DeliveryTarget) -> list[str]:
        """The folders of the batches whose messages are not all answered."""
        folders = set()
        for id in self._correspondence.awaited(target.id):
            d = self._catalogue.find(Distribution, id)
            if d is not None and d.message is not None:
                paths = PackagePaths(target.settings.choreography, d.message["batch_id"])
                folders.add(paths.root({}))  # that of a batch is not called after a release
        return sorted(folders)

    def _read(self, target: DeliveryTarget, found: RemoteFile, courier: Courier) -> None:
        def because_of(root: Root) -> AbstractContextManager[object]:
            return acting(cause_of(root, self._worker))

        if found.size > _LIMIT:
            file = _File(target, "sftp", found.path, "", because_of)
            self._keep(file, [], [_too_large(found)], 0)
            self._inbox.mark_read(target.id, found, "too large")
            return
        try:
            data = courier.fetch(found.path, _LIMIT)
        except DeliveryFailed as failed:
            if failed.category in TARGET_FAILURES:
                raise
            detail = failed.detail  # of this file alone: the later ones are read
            self._notice("acknowledgement_not_fetched", path=found.path, detail=detail)
            return
        sha256 = self._assets.put([data]).sha256
        file = _File(target, "sftp", found.path, sha256, because_of)
        try:
            receipt = self._take(file, self._messages.read_acknowledgements(data))
        except NotYet as early:
            self._notice("acknowledged_too_early", path=found.path, why=str(early))
            return
        except Refused as unreadable:
            receipt = self._keep(file, [], list(unreadable.problems), 0)
        note = f"{len(receipt.applied)} applied, {len(receipt.problems)} kept"
        self._inbox.mark_read(target.id, found, note)

    def _take(self, file: _File, said: list[Acknowledgement]) -> Receipt:
        """Apply each statement. What cannot be placed is kept; what is too early ends in NotYet
        after the others, which do no harm when they are offered again."""
        applied: list[Applied] = []
        problems: list[Problem] = []
        too_early: list[str] = []
        position = 0
        for statement in said:
            try:
                done, at = self._place(file, statement)
            except NotYet as early:
                too_early.append(str(early))
            except Refused as unplaced:
                problems += unplaced.problems
            else:
                applied.append(done)
                position = max(position, at)
        if too_early:
            raise NotYet("; ".join(too_early))
        return self._keep(file, applied, problems, position)

    def apply(
        self,
        target: DeliveryTarget,
        source: str,
        path: str,
        sha256: str,
        said: Acknowledgement,
        cause: Because = lambda _: nullcontext(),
    ) -> tuple[Applied, int]:
        """One statement from elsewhere, whose evidence is kept under `sha256`. Raises Refused if
        it matches nothing, NotYet if it has to be offered again."""
        return self._place(_File(target, source, path, sha256, cause), said)

    def rehearse(self, target_id: UUID, said: Acknowledgement) -> Applied:
        """What a statement would be applied to. Raises Refused, NotYet."""
        meant = self._correlator.find(target_id, said, "", "")
        return Applied(meant.distribution_id, meant.message_id, said.outcome, said.status)

    @redone_on_conflict
    def _place(self, file: _File, said: Acknowledgement) -> tuple[Applied, int]:
        meant = self._correlator.find(file.target.id, said, file.path, file.sha256)
        distribution = self._catalogue.find(Distribution, meant.distribution_id)
        assert distribution is not None
        outcome = said.outcome
        if said.of_files and outcome is Outcome.ACCEPTED and meant.kind in _WITHDRAWALS:
            outcome = Outcome.REMOVED
        evidence = {
            "source": _SOURCES.get(file.source, file.source),
            "path": file.path,
            "sha256": file.sha256,
            "status": said.status,
            "information": said.information,
        }
        if said.problems:
            evidence["problems"] = to_plain(self._placed(said, distribution))
        with file.cause(distribution):
            if not distribution.acknowledge(meant.message_id, outcome.value, evidence):
                raise NotYet(f"Distribution {distribution.id} is being delivered.")
            _adapt(distribution, said, file.target.settings)
            position = self._catalogue.save(distribution)
            self._notice(
                "acknowledged",
                distribution_id=str(distribution.id),
                correlation_id=distribution.last_event.correlation_id,
                outcome=outcome.value,
                path=file.path,
            )
        return Applied(distribution.id, meant.message_id, outcome, said.status), position

    def _placed(self, said: Acknowledgement, distribution: Distribution) -> list[Problem]:
        """The problems, at the tracks that the platform names."""
        release = self._catalogue.find(Release, distribution.release_id)
        tracks = release.metadata.tracks if release else ()
        at = [f"tracks[{i}]" for i, track in enumerate(tracks) if track.isrc in said.affected]
        return [
            replace(problem, field=field)
            for problem in said.problems
            for field in (at or [problem.field])
        ]

    def _keep(
        self, file: _File, applied: list[Applied], problems: list[Problem], position: int
    ) -> Receipt:
        """The receipt; where there are problems, after keeping the file, once."""
        kept = None
        if problems:
            kept = KeptAcknowledgement.id_of(file.target.id, file.sha256 or file.path)
            if self._catalogue.find(KeptAcknowledgement, kept) is None:
                with file.cause(file.target):
                    keeping = KeptAcknowledgement.keep(
                        file.target.id, file.source, file.path, file.sha256, problems
                    )
                    with suppress(Conflict):  # somebody else kept it at the same time
                        position = self._catalogue.save(keeping)
            self._notice(
                "acknowledgement_kept", target_id=str(file.target.id), path=file.path, id=str(kept)
            )
        return Receipt(tuple(applied), kept, tuple(problems), position)


def _adapt(d: Distribution, said: Acknowledgement, settings: TargetSettings) -> None:
    """Have it sent in another form, if the files' own was just rejected and there is another."""
    if d.status is not Status.REJECTED or not d.pending_events:
        return
    if category_of(said.problems) is not FailureCategory.CONTENT_FORMAT:
        return
    adapts = strategy_of(settings, FailureCategory.CONTENT_FORMAT).recovery
    other = other_form(d, settings)
    if adapts is Recovery.ADAPT_CONTENT and other is not None:
        d.adapt(other)


_WITHDRAWALS = ("takedown", "purge")
"""Up to 1.6 no status says that a release is gone: that its files were taken is all there is."""


def _too_large(file: RemoteFile) -> Problem:
    return Problem(
        "ack_too_large",
        "",
        f"{file.path} has {file.size} bytes, {_LIMIT} are read. It was left where it is.",
        "Ask the platform what it is.",
    )


def _when(file: RemoteFile) -> tuple[str, str]:
    """By the time in the name, so that `accepted` comes before `live`."""
    return file.path.rsplit("_", 1)[-1], file.path
