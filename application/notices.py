"""Reports of platforms that are no DDEX acknowledgement: stored raw, then read and applied."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.errors import Conflict
from deadwax.application.follow_up import Applied, FollowUp
from deadwax.application.ports import AssetStore
from deadwax.application.process import cause_of
from deadwax.application.statements import Statement, from_json, normalised
from deadwax.domain.aggregate import Root
from deadwax.domain.cause import acting, current_cause
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.notice import Channel, Notice, NoticeStatus
from deadwax.domain.plain import to_plain
from deadwax.domain.reports import Reports
from deadwax.domain.target import DeliveryTarget

Read = Callable[[bytes, str, Reports], list[Statement]]
"""The statements of a report by its bytes and media type. Raises Refused."""

MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Reading:
    """What became of the statements of a report."""

    applied: tuple[Applied, ...]
    problems: tuple[Problem, ...]


class Notices:
    """`readers` read mails and files; webhooks are JSON by their target's fields."""

    def __init__(
        self,
        catalogue: Catalogue,
        assets: AssetStore,
        follow_up: FollowUp,
        readers: dict[Channel, Read],
        worker: str,
    ) -> None:
        self._catalogue, self._assets, self._follow_up = catalogue, assets, follow_up
        self._readers = {Channel.WEBHOOK: _webhook, **readers}
        self._worker = worker

    def receive(
        self,
        target_id: UUID,
        channel: Channel,
        external_id: str,
        data: bytes,
        *,
        name: str,
        media_type: str,
    ) -> tuple[Notice, int]:
        """Store it as it came; it is read later. One that came before is found: position 0."""
        target = self._catalogue.get(DeliveryTarget, target_id)
        known = self._catalogue.find(Notice, Notice.id_of(target.id, channel, external_id))
        if known is not None:
            return known, 0
        sha256 = self._assets.put([data]).sha256
        notice = Notice.receive(
            target.id, channel, external_id, name=name, media_type=media_type, sha256=sha256
        )
        try:
            return notice, self._catalogue.save(notice)
        except Conflict:  # the same came twice at once
            return self._catalogue.get(Notice, notice.id), 0

    def rehearse(self, target_id: UUID, channel: Channel, data: bytes, media_type: str) -> Reading:
        """What a report would do, without doing it. Raises Refused if it cannot be read."""
        target = self._catalogue.get(DeliveryTarget, target_id)
        reports = target.settings.reports
        applied, problems = [], []
        for said in self._readers[channel](data, media_type, reports):
            try:
                applied.append(self._follow_up.rehearse(target.id, normalised(said, reports)))
            except Refused as unplaced:
                problems += _placed(unplaced, said)
        return Reading(tuple(applied), tuple(problems))

    @redone_on_conflict
    def read(self, notice_id: UUID) -> None:
        """Apply what it says. Raises NotYet if it has to be read again later, which does no
        harm: the same statement twice stores nothing."""
        notice = self._catalogue.find(Notice, notice_id)
        if notice is None or notice.status is not NoticeStatus.RECEIVED:
            return
        target = self._catalogue.find(DeliveryTarget, notice.target_id)
        assert target is not None
        with self._assets.open(notice.sha256) as file:
            data = file.read(MOST_BYTES)
        try:
            reports = target.settings.reports
            said = self._readers[notice.channel](data, notice.media_type, reports)
        except Refused as unreadable:
            reading = Reading((), tuple(unreadable.problems))
        except Exception as broken:  # by nothing but its bytes: the next time would be the same
            reading = Reading((), (_broken(broken),))
        else:
            reading = self._apply(target, f"{notice.channel}", notice.name, said)
        with acting(cause_of(notice, self._worker)):
            notice.note_read(
                applied=[to_plain(done) for done in reading.applied[:_MOST_TOLD]],
                problems=to_plain(list(reading.problems[:_MOST_TOLD])),
            )
            self._catalogue.save(notice)

    def tell(
        self, distribution_id: UUID, status: str, information: str, message_id: str | None
    ) -> tuple[Applied, int]:
        """What a person learned of a distribution, in the platform's words or our own. Raises
        Refused for words without a meaning; NotYet while it is being delivered."""
        d = self._catalogue.get(Distribution, distribution_id)
        target = self._catalogue.get(DeliveryTarget, d.target_id)
        about = message_id or (d.sent[-1] if d.sent else None)
        said = Statement(
            at="", status=str(status), message_id=about and str(about), information=information
        )
        if about is None:
            problem = Problem(
                "nothing_sent",
                "message_id",
                "Nothing was sent that a platform could speak of.",
                "Wait until the distribution was delivered.",
            )
            raise Refused("The status cannot be applied", [problem])
        sha256 = self._assets.put([said.evidence]).sha256
        by = current_cause().actor
        return self._follow_up.apply(
            target, f"person {by}", "", sha256, normalised(said, target.settings.reports)
        )

    def _apply(
        self, target: DeliveryTarget, source: str, name: str, said: list[Statement]
    ) -> Reading:
        def because_of(root: Root) -> AbstractContextManager[object]:
            return acting(cause_of(root, self._worker))

        applied: list[Applied] = []
        problems: list[Problem] = []
        for statement in said:
            try:
                sha256 = self._assets.put([statement.evidence]).sha256
                meant = normalised(statement, target.settings.reports)
                done, _ = self._follow_up.apply(
                    target, source, f"{name} {statement.at}".strip(), sha256, meant, because_of
                )
            except Refused as unplaced:
                problems += _placed(unplaced, statement)
            else:
                applied.append(done)
        return Reading(tuple(applied), tuple(problems))


_MOST_TOLD = 1_000


def _webhook(data: bytes, media_type: str, reports: Reports) -> list[Statement]:
    if reports.webhook is None:
        problem = Problem(
            "webhook_not_configured",
            "reports.webhook",
            "The target has no webhook any more: nothing says how the report is read.",
            "Give the target a webhook, then read the report again.",
        )
        raise Refused("The report cannot be read", [problem])
    return from_json(data, reports.webhook.fields)


def _broken(error: Exception) -> Problem:
    return Problem(
        "internal_error",
        "",
        f"Internal error: {type(error).__name__}.",
        "Report what kind of file it is; state by hand what it says.",
    )


def _placed(refused: Refused, statement: Statement) -> list[Problem]:
    """The problems, each with where in the report it stands."""
    return [Problem(p.code, p.field or statement.at, p.message, p.fix) for p in refused.problems]
