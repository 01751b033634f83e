"""What a message says: from which versions of the log, and what was decided about its shape.

Both are stored with the message, so that it can be said again from the log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self, TypeGuard
from uuid import UUID

from deadwax.application.catalogue import Catalogue
from deadwax.application.forms import Files, RenditionMissing, Wanted, files_of, wanted
from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.adapted import form_of
from deadwax.domain.deals import Deal, ended_by
from deadwax.domain.differences import Change, differences
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Dpid
from deadwax.domain.media.form import AS_UPLOADED, Form
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.release import Release
from deadwax.domain.release_events import ReleaseStatus
from deadwax.domain.renditions import Rendition
from deadwax.domain.target import DeliveryTarget
from deadwax.domain.tenant import Label, Tenant
from deadwax.domain.territories import Territory
from deadwax.domain.texts import Moment

Message = dict[str, Any]
"""The fields of MessageComposed."""


def is_traceable(message: Message | None) -> TypeGuard[Message]:
    """Whether it is known from which versions a message was built; of the first ever sent it
    is not."""
    return message is not None and "sources" in message


@dataclass(frozen=True)
class Sources:
    """What a message is built from; the versions are enough to build it again from the log."""

    release: Release
    target: DeliveryTarget
    tenant: Tenant

    @property
    def versions(self) -> dict[str, int]:
        return {
            "release": self.release.version,
            "target": self.target.version,
            "tenant": self.tenant.version,
        }

    @property
    def recipient(self) -> Dpid:
        return self.target.settings.recipient.dpid


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What was decided about a message beside its sources; see MessageSpec. `form` is that of its
    files, `renditions` the ids of those that are delivered, by the SHA-256 of their sources."""

    with_files: bool = True
    withdrawn_from: tuple[Territory, ...] = ()
    ends: Moment | None = None
    form: Form = AS_UPLOADED
    renditions: Mapping[str, UUID] = field(default_factory=dict)

    @classmethod
    def stored(cls, message: Message) -> Self:
        """That of a message; one of an earlier version had none."""
        ends = message.get("ends")
        return cls(
            with_files=message.get("with_files", True),
            withdrawn_from=tuple(map(Territory, message.get("withdrawn_from", ()))),
            ends=ends and Moment(ends),
            form=from_plain(Form, message.get("form", {})),
            renditions={of: UUID(id) for of, id in message.get("renditions", {}).items()},
        )


class Specs:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def sources(self, d: Distribution) -> Sources:
        """As they are now."""
        return Sources(
            self._catalogue.get(Release, d.release_id),
            self._catalogue.get(DeliveryTarget, d.target_id),
            self._catalogue.get(Tenant, d.tenant_id),
        )

    def sources_of(self, d: Distribution, message: Message) -> Sources:
        """As they were when the message was composed."""
        at = message["sources"]
        return Sources(
            self._catalogue.as_of(Release, d.release_id, at["release"]),
            self._catalogue.as_of(DeliveryTarget, d.target_id, at["target"]),
            self._catalogue.as_of(Tenant, d.tenant_id, at["tenant"]),
        )

    def form(self, d: Distribution, sources: Sources) -> Form:
        """Of the files in what is sent next. A takedown speaks of the files that there are."""
        if _withdraws(d):
            return Shape.stored(d.told).form if d.told else AS_UPLOADED
        return form_of(sources.target.settings.media, d.adapted)

    def wanted(self, d: Distribution, sources: Sources) -> list[Wanted]:
        """The renditions that what is sent next asks for, made or not."""
        if _withdraws(d):
            return []
        return wanted(sources.release.metadata, self.form(d, sources))

    def missing(self, d: Distribution, sources: Sources) -> list[Wanted]:
        """Those of them that were not made yet."""
        named = self.wanted(d, sources)
        made = self._found({self._id(d, one) for one in named})
        return [one for one in named if self._id(d, one) not in made]

    def files(self, d: Distribution, sources: Sources, shape: Shape) -> Files:
        """The release with the files that are delivered. Raises RenditionMissing."""
        metadata, found = sources.release.metadata, self._found(set(shape.renditions.values()))
        made = {of: found[id] for of, id in shape.renditions.items() if id in found}
        if len(made) < len(shape.renditions):
            needed = wanted(metadata, shape.form)
            raise RenditionMissing([one for one in needed if one.source not in made])
        return files_of(metadata, self._catalogue.assets(d.tenant_id, metadata), made)

    def spec(
        self,
        d: Distribution,
        id: str,
        created_at: datetime,
        sources: Sources,
        shape: Shape,
        files: Files,
    ) -> MessageSpec:
        """Raises Refused where something contradicts."""
        metadata, settings = files.release, sources.target.settings
        label = _check(d, sources)
        deals = _meant(metadata.deals, sources.recipient, shape.ends)
        kind = MessageKind(d.kind)
        if not deals and kind is not MessageKind.PURGE:
            _refuse_empty(kind, shape)
        return MessageSpec(
            kind=kind,
            message_id=id,
            thread_id=d.id.hex,
            created_at=created_at,
            mode=settings.mode,
            ern=settings.ern,
            sender=settings.sender,
            recipient=settings.recipient,
            label=label,
            release=replace(metadata, deals=deals),
            assets=files.assets,
            names=settings.choreography.file_names,
            style=settings.style,
            with_files=shape.with_files,
            withdrawn_from=shape.withdrawn_from,
            ends=shape.ends,
        )

    def whole(self, d: Distribution, sources: Sources) -> Shape:
        """That of a message with all files, whatever was sent before."""
        if _withdraws(d):
            told = Shape.stored(d.told or {})
            return Shape(form=told.form, renditions=told.renditions)
        return Shape(
            form=self.form(d, sources),
            renditions={one.source: self._id(d, one) for one in self.wanted(d, sources)},
        )

    def shape(self, d: Distribution, now: datetime, sources: Sources) -> Shape:
        """That of a message composed now, with files."""
        ends, whole = Moment(d.ends) if d.ends else None, self.whole(d, sources)
        if _withdraws(d) and ends is None:
            return whole
        offered = _offered(_meant(sources.release.metadata.deals, sources.recipient, ends), now)
        before: set[str] = set()
        for message in filter(is_traceable, (d.accepted, d.told)):
            was = self.sources_of(d, message)
            until = Shape.stored(message).ends
            before |= _offered(_meant(was.release.metadata.deals, was.recipient, until), now)
        withdrawn = tuple(map(Territory, sorted(before - offered)))
        return replace(whole, withdrawn_from=withdrawn, ends=ends)

    def changes(self, d: Distribution) -> list[Change] | None:
        """What an update would say otherwise than the message sent last; None where nothing
        was sent, or its sources were not stored yet."""
        message = d.told
        if not is_traceable(message):
            return None
        was, sources = Shape.stored(message), self.sources(d)
        before = _said(self.sources_of(d, message), was.ends, was.form)
        return differences(before, _said(sources, None, self.form(d, sources)))

    def _found(self, ids: set[UUID]) -> dict[UUID, Rendition]:
        return self._catalogue.find_all(Rendition, ids) if ids else {}

    def _id(self, d: Distribution, one: Wanted) -> UUID:
        return Rendition.id_of(d.tenant_id, one.source, one.recipe)


_SHOWN = ("ern", "sender", "recipient", "companions")


def _said(sources: Sources, ends: Moment | None, form: Form) -> dict[str, Any]:
    """What of the sources shows in a message. Rights do not; what enriches the release does
    where other messages carry it."""
    metadata, settings = sources.release.metadata, sources.target.settings
    said: dict[str, Any] = to_plain(
        replace(
            metadata,
            rights=(),
            deals=_meant(metadata.deals, sources.recipient, ends),
            enrichment=metadata.enrichment if settings.companions else None,
        )
    )
    label = sources.tenant.labels.get(metadata.label or "")
    shown = {name: to_plain(getattr(settings, name)) for name in _SHOWN}
    style = settings.style
    return said | {
        "label": to_plain(label),
        "target": {
            **shown,
            "file_names": to_plain(settings.choreography.file_names),
            "media": to_plain(form),
            "hash": [style.hash_algorithm.value, style.hash_encoding.value],
        },
    }


def _withdraws(d: Distribution) -> bool:
    return d.kind in ("takedown", "purge")


def _meant(deals: Sequence[Deal], recipient: Dpid, ends: Moment | None) -> tuple[Deal, ...]:
    """The deals for the recipient; those that are over by `ends`, where there is such."""
    meant = (deal for deal in deals if deal.is_for(recipient))
    return tuple(meant if ends is None else ended_by(meant, ends))


def _offered(deals: Sequence[Deal], now: datetime) -> set[str]:
    """The countries of deals that are not over."""
    lasting = (d for d in deals if d.end is None or not d.end.is_past(now))
    return {country for deal in lasting for country in deal.territories.countries()}


def _refuse_empty(kind: MessageKind, shape: Shape) -> None:
    if shape.ends is not None:
        problem = Problem(
            "takedown_before_start",
            "effective",
            f"No deal for this platform starts before {shape.ends}.",
            "Take the release down at once.",
        )
    elif kind is not MessageKind.TAKEDOWN:
        problem = Problem(
            "deals_missing_for_recipient",
            "deals",
            "There is no deal for this platform.",
            "Add one, or name the platform in the recipients of one.",
        )
    else:
        return
    raise Refused("The message cannot be composed", [problem])


def _check(distribution: Distribution, sources: Sources) -> Label:
    """The label in whose name the release comes. Refused where something contradicts."""
    release, settings = sources.release, sources.target.settings
    found = []
    if not _withdraws(distribution) and release.status is not ReleaseStatus.APPROVED:
        said = f"The release is {release.status}."
        found.append(Problem("release_not_approved", "release", said, "Have it approved."))
    if settings.mode != distribution.mode:
        said = f"The distribution is {distribution.mode}, the target {settings.mode}."
        found.append(Problem("mode_differs", "target", said, "Use a target of that mode."))
    if distribution.icpn not in (None, release.metadata.icpn):
        said = f"The platform knows the release as {distribution.icpn}."
        found.append(Problem("icpn_changed", "icpn", said, "Restore that ICPN."))
    label = sources.tenant.labels.get(release.metadata.label or "")
    if label is None:
        said = "The label is not known."
        found.append(Problem("label_unknown", "label", said, "Add it to the tenant."))
    if found or label is None:
        raise Refused("The message cannot be composed", found)
    return label
