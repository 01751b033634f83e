"""Distributions: a release to many targets, and what people then ask of each."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from deadwax.api.auth import Permission
from deadwax.api.bodies import (
    Assignment,
    Nothing,
    Purge,
    Reason,
    Resolution,
    StatedStatus,
    Takedown,
    TestTarget,
    WantedPriority,
    WantedTargets,
)
from deadwax.api.body import JsonBody
from deadwax.api.conditional import mark
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE
from deadwax.api.route import Route, needs
from deadwax.api.views import (
    ChangesView,
    DistributionAccepted,
    DistributionDetail,
    DistributionsAccepted,
    DistributionView,
)
from deadwax.domain.distribution import Distribution

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Distributions"])

Why = Annotated[Reason, Depends(JsonBody(Reason))]
NoWords = Annotated[Nothing, Depends(JsonBody(Nothing, optional=True))]
_WRITE = needs(Permission.DISTRIBUTIONS_WRITE)
_ONE = "/distributions/{distribution_id}"


@router.post(
    "/releases/{release_id}/distributions",
    status_code=202,
    summary="Distribute a release",
    openapi_extra=_WRITE,
)
def distribute(
    release_id: UUID,
    wanted: Annotated[WantedTargets, Depends(JsonBody(WantedTargets))],
    parts: Parts,
    response: Response,
) -> DistributionsAccepted:
    """To all the targets or, if one is refused, to none. A second request finds the first;
    what was cancelled or removed is asked for anew."""
    distributions, position = parts.distributions.distribute(
        release_id, wanted.target_ids, wanted.not_before, wanted.priority
    )
    mark(response, position=position)
    return DistributionsAccepted(
        items=[DistributionView.of(d) for d in distributions], position=position
    )


@router.post(
    "/releases/{release_id}/test-delivery",
    status_code=202,
    summary="Deliver to a test target",
    openapi_extra=_WRITE,
)
def deliver_for_test(
    release_id: UUID,
    wanted: Annotated[TestTarget, Depends(JsonBody(TestTarget))],
    parts: Parts,
    response: Response,
) -> DistributionAccepted:
    """The whole release, also if the target has it already. Refused for a live target."""
    changed, position = parts.distributions.deliver_for_test(release_id, wanted.target_id)
    return _accepted(changed, position, response)


@router.get(
    _ONE,
    summary="Read a distribution",
    openapi_extra=needs(Permission.DISTRIBUTIONS_READ),
    dependencies=[AT_ONCE],
)
def get_distribution(distribution_id: UUID, parts: Parts, response: Response) -> DistributionDetail:
    """Its status, the moves open to it, and the evidence: what was sent, what was confirmed."""
    distribution = parts.distributions.get(distribution_id)
    mark(response, version=distribution.version)
    shown = parts.progress.of(distribution.id, distribution.token)
    return DistributionDetail.told_by(distribution, parts.log.load(distribution_id), shown)


@router.get(
    _ONE + "/changes",
    summary="What an update would change",
    openapi_extra=needs(Permission.DISTRIBUTIONS_READ),
    dependencies=[AT_ONCE],
)
def get_changes(distribution_id: UUID, parts: Parts) -> ChangesView:
    """What the release says now otherwise than in the message that was sent last."""
    distribution, changes = parts.distributions.changes(distribution_id)
    return ChangesView.of(distribution, changes)


@router.post(_ONE + "/retry", status_code=202, summary="Try again", openapi_extra=_WRITE)
def retry(
    distribution_id: UUID, nothing: NoWords, parts: Parts, response: Response
) -> DistributionAccepted:
    """After a failure, a rejection, or what needed attention."""
    return _accepted(*parts.distributions.retry(distribution_id), response)


@router.post(_ONE + "/cancel", status_code=202, summary="Cancel", openapi_extra=_WRITE)
def cancel(
    distribution_id: UUID, why: Why, parts: Parts, response: Response
) -> DistributionAccepted:
    """Give up what the platform does not have. What it has is taken down instead."""
    return _accepted(*parts.distributions.cancel(distribution_id, why.reason), response)


@router.post(_ONE + "/suspend", status_code=202, summary="Suspend", openapi_extra=_WRITE)
def suspend(
    distribution_id: UUID, why: Why, parts: Parts, response: Response
) -> DistributionAccepted:
    """Hold it until it is resumed."""
    return _accepted(*parts.distributions.suspend(distribution_id, why.reason), response)


@router.post(_ONE + "/resume", status_code=202, summary="Resume", openapi_extra=_WRITE)
def resume(
    distribution_id: UUID, nothing: NoWords, parts: Parts, response: Response
) -> DistributionAccepted:
    """Go on with what was suspended."""
    return _accepted(*parts.distributions.resume(distribution_id), response)


@router.post(_ONE + "/update", status_code=202, summary="Send an update", openapi_extra=_WRITE)
def update(
    distribution_id: UUID, why: Why, parts: Parts, response: Response
) -> DistributionAccepted:
    """Send the release again as it is now; the new message replaces the earlier one. Without
    files where the platform has the same ones; not at all if nothing changed."""
    return _accepted(*parts.distributions.update(distribution_id, why.reason), response)


@router.post(
    _ONE + "/redeliver", status_code=202, summary="Send it all again", openapi_extra=_WRITE
)
def redeliver(
    distribution_id: UUID, why: Why, parts: Parts, response: Response
) -> DistributionAccepted:
    """The whole message with all files, also if nothing changed: for a platform that lost them."""
    return _accepted(*parts.distributions.redeliver(distribution_id, why.reason), response)


@router.post(_ONE + "/priority", status_code=202, summary="Reprioritise", openapi_extra=_WRITE)
def prioritise(
    distribution_id: UUID,
    wanted: Annotated[WantedPriority, Depends(JsonBody(WantedPriority))],
    parts: Parts,
    response: Response,
) -> DistributionAccepted:
    """Give it another place among those that wait for its target."""
    changed, position = parts.distributions.prioritise(distribution_id, wanted.priority)
    return _accepted(changed, position, response)


@router.post(
    _ONE + "/assignment", status_code=202, summary="Assign a failure", openapi_extra=_WRITE
)
def assign(
    distribution_id: UUID,
    wanted: Annotated[Assignment, Depends(JsonBody(Assignment))],
    parts: Parts,
    response: Response,
) -> DistributionAccepted:
    """Have somebody look after what went wrong with it; null takes it from them."""
    changed, position = parts.distributions.assign(distribution_id, wanted.assignee, wanted.note)
    return _accepted(changed, position, response)


@router.post(
    _ONE + "/override",
    status_code=202,
    summary="Override the status",
    openapi_extra=needs(Permission.DISTRIBUTIONS_OVERRIDE),
)
def override(
    distribution_id: UUID,
    known: Annotated[StatedStatus, Depends(JsonBody(StatedStatus))],
    parts: Parts,
    response: Response,
) -> DistributionAccepted:
    """A person who asked the platform knows better where it stands. Not while a worker delivers
    it, nor while an outcome is to be resolved."""
    changed, position = parts.distributions.override(distribution_id, known.status, known.reason)
    return _accepted(changed, position, response)


@router.post(_ONE + "/takedown", status_code=202, summary="Take down", openapi_extra=_WRITE)
def take_down(
    distribution_id: UUID,
    wanted: Annotated[Takedown, Depends(JsonBody(Takedown))],
    parts: Parts,
    response: Response,
) -> DistributionAccepted:
    """Have the release removed, at once or later. What the platform does not have yet is
    cancelled."""
    changed, position = parts.distributions.take_down(
        distribution_id, wanted.reason, wanted.effective
    )
    return _accepted(changed, position, response)


@router.post(_ONE + "/purge", status_code=202, summary="Delete for good", openapi_extra=_WRITE)
def purge(
    distribution_id: UUID,
    wanted: Annotated[Purge, Depends(JsonBody(Purge))],
    parts: Parts,
    response: Response,
) -> DistributionAccepted:
    """Have the platform delete all that it holds of a release that was taken down. This cannot
    be undone; the ICPN confirms what is meant."""
    changed, position = parts.distributions.purge(distribution_id, wanted.reason, wanted.icpn)
    return _accepted(changed, position, response)


@router.post(_ONE + "/resolve", status_code=202, summary="Resolve", openapi_extra=_WRITE)
def resolve(
    distribution_id: UUID,
    found: Annotated[Resolution, Depends(JsonBody(Resolution))],
    parts: Parts,
    response: Response,
) -> DistributionAccepted:
    """A person established whether a message whose outcome is unknown was delivered."""
    changed, position = parts.distributions.resolve(
        distribution_id, delivered=found.delivered, evidence=found.evidence
    )
    return _accepted(changed, position, response)


def _accepted(
    distribution: Distribution, position: int, response: Response
) -> DistributionAccepted:
    mark(response, position=position, version=distribution.version)
    return DistributionAccepted.of(distribution, position=position)
