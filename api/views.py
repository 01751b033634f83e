"""What answers show of releases, targets, distributions, tenants and files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from deadwax.api.delivery_views import FailureView, ProgressView
from deadwax.application.ports import Probe
from deadwax.domain.aggregate import Event
from deadwax.domain.differences import Change
from deadwax.domain.distribution import Distribution
from deadwax.domain.distribution_events import AcknowledgementNoted, Confirmed, Sent
from deadwax.domain.errors import Problem
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.pause import Pause
from deadwax.domain.release import RELEASE_MOVES, Release
from deadwax.domain.release_events import ReleaseStatus
from deadwax.domain.states import GROUPS, Group, Status
from deadwax.domain.target import DeliveryTarget, TargetSettings
from deadwax.domain.tenant import Label, Tenant, TenantKind
from deadwax.infrastructure.progress import Shown


class Accepted(BaseModel):
    """A command took effect."""

    position: int = Field(
        description="Log position of the command's last event, for ?after=; 0 if it changed nothing"
    )


class ReleaseView(BaseModel):
    """A release. `version` is its ETag; `allowed` the statuses that it can move to now."""

    id: UUID
    status: ReleaseStatus
    allowed: list[ReleaseStatus]
    version: int
    metadata: ReleaseMetadata

    @classmethod
    def of(cls, release: Release, **more: Any) -> Self:
        return cls(
            id=release.id,
            status=release.status,
            allowed=sorted(RELEASE_MOVES[release.status]),
            version=release.version,
            metadata=release.metadata,
            **more,
        )


class ReleaseAccepted(ReleaseView, Accepted):
    """A release after a command."""


class TargetView(BaseModel):
    """A delivery target. `version` is its ETag; the secret is only ever named."""

    id: UUID
    version: int
    settings: TargetSettings
    paused: Pause | None

    @classmethod
    def of(cls, target: DeliveryTarget, **more: Any) -> Self:
        return cls(
            id=target.id,
            version=target.version,
            settings=target.settings,
            paused=target.paused,
            **more,
        )


class TargetAccepted(TargetView, Accepted):
    """A delivery target after a command."""


class Evidence(BaseModel):
    """What is known of one message: what we sent, or what the other side said of it."""

    at: datetime
    message_id: str
    event: str = Field(description="Type of the event that recorded it.")
    evidence: dict[str, Any] = Field(
        description="Sent: endpoint, host_key, files with size and SHA-256, bytes, seconds."
        " Confirmed: source, path, SHA-256 of the file kept, status, information, and problems"
        " to be solved (code, field, message, fix) where it was refused."
    )


class DistributionView(BaseModel):
    """One release on one delivery target. `allowed` are the statuses it can move to now."""

    id: UUID
    release_id: UUID
    target_id: UUID
    mode: str
    status: Status
    group: Group
    kind: str = Field(
        description="What is sent next or was sent last: initial, update, takedown, purge."
    )
    allowed: list[Status]
    attempt: int
    failures: int = Field(description="Failed attempts in a row.")
    not_before: datetime | None
    due_at: datetime | None = Field(description="When the next step is due, if that is later.")
    message: dict[str, Any] | None = Field(
        description="The message composed last: id, batch_id, kind, ern, schema, icpn, files,"
        " made_with; what the ERN version could not say (omitted); for an update what it"
        " changes; the proof that what it offers is held."
    )
    at_platform: list[str] = Field(description="Messages that the platform may have.")
    version: int

    @classmethod
    def of(cls, distribution: Distribution, **more: Any) -> Self:
        known = {
            name: getattr(distribution, name)
            for name in cls.model_fields.keys() - more.keys() - {"group"}
        }
        return cls(group=GROUPS[distribution.status], **known, **more)


class ChangesView(BaseModel):
    """What an update would say otherwise than the message that was sent last."""

    compared_with: str | None = Field(
        description="Id of that message; null if there is none, or its sources are not known."
    )
    changes: list[Change]
    would_be_sent: bool = Field(
        description="False if the platform accepted that message and nothing changed since."
    )

    @classmethod
    def of(cls, distribution: Distribution, changes: list[Change] | None) -> Self:
        told = distribution.told
        return cls(
            compared_with=None if changes is None or told is None else told["id"],
            changes=changes or [],
            would_be_sent=changes != [] or distribution.known is None,
        )


class DistributionAccepted(DistributionView, Accepted):
    """A distribution after a command."""


class DistributionsAccepted(Accepted):
    """The distributions of a release that were asked for, in the order asked."""

    items: list[DistributionView]


class DistributionDetail(DistributionView):
    """A distribution with its two sides of evidence: what we sent, what was confirmed. With the
    failure that it suffers from and the progress of its delivery, if there are."""

    sent: list[Evidence]
    confirmed: list[Evidence]
    failure: FailureView | None
    progress: ProgressView | None

    @classmethod
    def told_by(
        cls, distribution: Distribution, events: Sequence[Event], shown: Shown | None
    ) -> Self:
        confirmed = (Confirmed, AcknowledgementNoted)
        return cls.of(
            distribution,
            sent=[_evidence(e) for e in events if isinstance(e, Sent)],
            confirmed=[_evidence(e) for e in events if isinstance(e, confirmed)],
            failure=FailureView.among(distribution.status, events),
            progress=ProgressView.of(shown),
        )


def _evidence(event: Sent | Confirmed | AcknowledgementNoted) -> Evidence:
    return Evidence(
        at=event.timestamp,
        message_id=event.message_id,
        event=event.TOPIC,
        evidence=event.evidence,
    )


class TenantView(BaseModel):
    """A tenant and its labels (imprints)."""

    id: UUID
    name: str
    kind: TenantKind
    review: bool = Field(description="Whether a person approves what was submitted.")
    labels: list[Label]
    paused: Pause | None
    version: int

    @classmethod
    def of(cls, tenant: Tenant, **more: Any) -> Self:
        return cls(
            id=tenant.id,
            name=tenant.name,
            kind=tenant.kind,
            review=tenant.review,
            labels=sorted(tenant.labels.values(), key=lambda label: label.name),
            paused=tenant.paused,
            version=tenant.version,
            **more,
        )


class TenantAccepted(TenantView, Accepted):
    """A new tenant, with the key of its first admin."""

    key_id: UUID
    key: str | None = Field(description="The API key. It is shown this once.")


class KeyAccepted(Accepted):
    """A new API key."""

    id: UUID
    role: str
    name: str
    target_id: UUID | None = Field(description="The target that a platform's key is for.")
    key: str | None = Field(description="The API key. It is shown this once.")


class LabelAccepted(Accepted):
    """A new label."""

    label: Label


class Lacks(BaseModel):
    """What keeps a release from being submitted, if anything."""

    complete: bool
    problems: list[Problem]


class ProbeView(BaseModel):
    """A connection test that worked. `proof` is what the server showed of itself (host_key,
    certificate); `free_bytes` is null where it does not tell."""

    host_key: str | None
    proof: dict[str, str]
    latency_ms: float
    free_bytes: int | None
    steps: list[str]

    @classmethod
    def of(cls, probe: Probe) -> Self:
        return cls(
            host_key=probe.proof.get("host_key"),
            proof=dict(probe.proof),
            latency_ms=probe.latency_ms,
            free_bytes=probe.free_bytes,
            steps=list(probe.steps),
        )
