"""A tenant: a label, an artist or an aggregator, with the labels (imprints) inside it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Dpid
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

    @classmethod
    def register(cls, tenant_id: UUID, *, name: str, kind: TenantKind, review: bool) -> Self:
        return cls._create(
            TenantRegistered, id=tenant_id, name=str(name), kind=kind.value, review=review
        )

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


@dataclass(frozen=True)
class LabelAdded(Event):
    TOPIC = "tenant.label_added"
    label: dict[str, Any]

    def apply(self, aggregate: Tenant) -> None:
        label = from_plain(Label, self.label)
        aggregate.labels = aggregate.labels | {label.name: label}
