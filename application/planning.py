"""When what a schedule says comes: by the clock, or planned back from release dates."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

from deadwax.application.catalogue import Catalogue
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.release import Release
from deadwax.domain.release_planning import latest_of, openings, out_at, planned_at
from deadwax.domain.schedule_events import Plan
from deadwax.domain.schedule_terms import Action, BeforeRelease, Terms
from deadwax.domain.target import DeliveryTarget

Pair = tuple[UUID, UUID]


class Planner:
    """Reads releases and targets of the tenant that acts."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def plan(self, terms: Terms, now: datetime, done: Collection[Pair] = ()) -> Plan:
        """What is to come after `now`, without the pairs that are `done`; the first alone of what
        recurs. Refused where a release has no date or the lead time of a target is not known."""
        if terms.recurring:
            following = terms.recurring.after(now)
            return [{"due_at": following.isoformat()}] if following else []
        pairs = [p for p in product(terms.releases, terms.targets) if p not in done]
        if terms.before_release:
            with self._catalogue.reading_once():
                return self._planned_back(terms.before_release, pairs, now)
        assert terms.at is not None
        at = terms.at.instant
        item: dict[str, Any] = {"due_at": at.isoformat()}
        if terms.action is Action.DELIVER:
            item["pairs"] = [_named(pair) for pair in pairs]
        return [item] if at > now else []

    def _planned_back(self, when: BeforeRelease, pairs: list[Pair], now: datetime) -> Plan:
        items: dict[datetime, list[dict[str, Any]]] = {}
        problems: list[Problem] = []
        for pair in pairs:
            try:
                due, latest = self._one(when, pair, now)
            except Refused as refused:
                problems += refused.problems
                continue
            items.setdefault(due, []).append(_named(pair) | {"latest": latest.isoformat()})
        if problems:
            raise Refused("The deliveries cannot be planned", problems)
        return [{"due_at": due.isoformat(), "pairs": items[due]} for due in sorted(items)]

    def _one(self, when: BeforeRelease, pair: Pair, now: datetime) -> tuple[datetime, datetime]:
        """When it is sent, and when the platform must have it."""
        metadata = self._catalogue.get(Release, pair[0]).metadata
        settings = self._catalogue.get(DeliveryTarget, pair[1]).settings
        out = out_at(
            list(openings(metadata.deals)),
            metadata.release_date,
            settings.recipient.dpid,
            when.zone.info if when.zone else None,
        )
        lead = settings.policy.lead_hours if when.lead_hours is None else when.lead_hours
        problems = list(_lacks(pair, out, lead))
        if problems or out is None:
            raise Refused("The delivery cannot be planned", problems)
        latest = latest_of(out, lead).astimezone(UTC)
        spare = timedelta(hours=when.spare_hours)
        return planned_at(settings.policy, latest, spare, now).astimezone(UTC), latest


def _lacks(pair: Pair, out: datetime | None, lead: int | None) -> Iterator[Problem]:
    if out is None:
        yield Problem(
            "release_date_missing",
            "releases",
            f"The release {pair[0]} has no release date.",
            "Give its release_date, or at instead of before_release.",
        )
    if lead is None:
        yield Problem(
            "lead_time_unknown",
            "targets",
            f"It is not known how long before a release the target {pair[1]} wants it.",
            "Give policy.lead_hours of the target, or before_release.lead_hours.",
        )


def _named(pair: Pair) -> dict[str, Any]:
    return {"release_id": str(pair[0]), "target_id": str(pair[1])}
