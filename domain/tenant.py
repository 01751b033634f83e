"""A tenant: a label, an artist or an aggregator, with the labels (imprints) inside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Dpid
from deadwax.domain.pause import Pause, refuse_past
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.texts import Name


class TenantKind(StrEnum):
    LABEL = "label"
    ARTIST = "artist"
    AGGREGATOR = "aggregator"


@dataclass(frozen=True, kw_only=True)
class Label:
    """An imprint: the name that DSPs show, and its DPID if it has one."""

    name: Name
    dpid: Dpid | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


class Tenant(Root):
    """`review` says whether a person approves what was submitted."""

    TOPIC = "tenant"

    if TYPE_CHECKING:
        name: str
        kind: TenantKind
        review: bool
        labels: dict[str, Label]
        paused: Pause | None

    @classmethod
    def register(cls, tenant_id: UUID, *, name: str, kind: TenantKind, review: bool) -> Self:
        return cls._create(
            TenantRegistered, id=tenant_id, name=str(name), kind=kind.value, review=review
        )

    def pause(self, reason: str, until: datetime | None, at: datetime) -> None:
        """Hold back all its deliveries from now, `at`, until `until` or until it is resumed,
        but for takedowns at once. The same again stores nothing."""
        refuse_past(until, at)
        if self.paused != Pause(reason, until):
            self.trigger_event(TenantPaused, reason=reason, until=until and until.isoformat())

    def resume(self) -> None:
        if self.paused is not None:
            self.trigger_event(TenantResumed)

    def add_label(self, label: Label) -> None:
        if label.name in self.labels:
            raise Refused(
                "The label was not added",
                [
                    Problem(
                        "label_exists",
                        "name",
                        f"There is a label {label.name} already.",
                        "Choose another name.",
                    )
                ],
            )
        self.trigger_event(LabelAdded, label=to_plain(label))


@dataclass(frozen=True)
class TenantRegistered(Created):
    TOPIC = "tenant.registered"
    name: str
    kind: str
    review: bool

    def apply(self, aggregate: Tenant) -> None:
        aggregate.name = self.name
        aggregate.kind = TenantKind(self.kind)
        aggregate.review = self.review
        aggregate.labels = {}
        aggregate.paused = None


@dataclass(frozen=True)
class LabelAdded(Event):
    TOPIC = "tenant.label_added"
    label: dict[str, Any]

    def apply(self, aggregate: Tenant) -> None:
        label = from_plain(Label, self.label)
        aggregate.labels = aggregate.labels | {label.name: label}


@dataclass(frozen=True)
class TenantPaused(Event):
    """`until` is an ISO time with offset, None: until it is resumed."""

    TOPIC = "tenant.paused"
    reason: str
    until: str | None

    def apply(self, aggregate: Tenant) -> None:
        until = datetime.fromisoformat(self.until) if self.until else None
        aggregate.paused = Pause(self.reason, until)


@dataclass(frozen=True)
class TenantResumed(Event):
    TOPIC = "tenant.resumed"

    def apply(self, aggregate: Tenant) -> None:
        aggregate.paused = None
