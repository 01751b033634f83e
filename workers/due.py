"""What is due, from the read models: the first of each target, never all there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg

from deadwax.application.catalogue import Catalogue
from deadwax.domain import clock
from deadwax.domain.delivery_policy import DeliveryPolicy
from deadwax.domain.priority import Priority
from deadwax.domain.target import DeliveryTarget
from deadwax.domain.transfer_times import is_open
from deadwax.projections.agenda import PREPARE, Agenda
from deadwax.workers.turns import Due

_LEAST_PER_GROUP = 8

# A loose index scan: one probe for each group, however many rows it has.
_GROUPS = """
    WITH RECURSIVE groups AS (
        (SELECT step, target_id, priority, tenant_id FROM read.agenda
         WHERE step IS NOT NULL ORDER BY step, target_id, priority LIMIT 1)
        UNION ALL
        SELECT following.* FROM groups g CROSS JOIN LATERAL (
            SELECT step, target_id, priority, tenant_id FROM read.agenda a
            WHERE a.step IS NOT NULL
              AND (a.step, a.target_id, a.priority) > (g.step, g.target_id, g.priority)
            ORDER BY step, target_id, priority LIMIT 1) AS following
    )
    SELECT g.step, g.target_id, g.priority, coalesce(t.version, 0),
           (t.paused_at IS NOT NULL AND coalesce(t.paused_until > now(), true))
           OR (n.paused_at IS NOT NULL AND coalesce(n.paused_until > now(), true)
               AND g.step <> 'remove')
           OR coalesce(w.until > now() AND w.version = t.version, false) AS shut
    FROM groups g
    LEFT JOIN read.targets t ON t.tenant_id = g.tenant_id AND t.target_id = g.target_id
    LEFT JOIN read.tenants n ON n.tenant_id = g.tenant_id AND n.id = g.tenant_id
    LEFT JOIN target_waits w ON w.target_id = g.target_id"""
_FIRST = """
    SELECT a.distribution_id, a.tenant_id, a.target_id, a.step, a.priority, a.due_at, a.position
    FROM unnest(%(steps)s::text[], %(targets)s::uuid[], %(priorities)s::text[])
        AS g (step, target_id, priority)
    CROSS JOIN LATERAL (
        SELECT a.* FROM read.agenda a LEFT JOIN waits w USING (distribution_id)
        WHERE a.step = g.step AND a.target_id = g.target_id AND a.priority = g.priority
          AND a.due_at <= now() AND a.distribution_id <> ALL (%(sent)s)
          AND coalesce(w.until <= now() OR w.version <> a.version, true)
        ORDER BY a.due_at LIMIT %(most)s) AS a"""
_AT_WORK = """
    SELECT distribution_id, target_id, lease_until FROM read.agenda WHERE lease_until IS NOT NULL"""
_WAITING = """
    SELECT a.distribution_id FROM waits w JOIN read.agenda a USING (distribution_id, version)
    WHERE w.distribution_id = ANY (%s) AND w.until > now()"""
_POSITION = "SELECT position FROM read.positions WHERE name = %s"


@dataclass(frozen=True)
class DueNow:
    """`position`: of the log, up to which this is known. `at_once`: how many deliveries each
    target takes, of those that take any now. `at_work`: distributions with an attempt under way,
    the target of each and what names the attempt. `waiting`: those asked for that a worker told
    to wait. `more`: there is more due than `due` holds."""

    position: int
    due: list[Due]
    more: bool
    at_once: dict[UUID, int]
    at_work: dict[UUID, tuple[UUID, str]]
    waiting: set[UUID]


class DueList:
    """Reads on a connection of its own. Settings of targets come from the log, once for each
    version of a target."""

    def __init__(self, connection: psycopg.Connection, catalogue: Catalogue) -> None:
        self._connection, self._catalogue = connection, catalogue
        self._policies: dict[UUID, tuple[int, DeliveryPolicy]] = {}

    def look(self, sent: Sequence[UUID], most: int) -> DueNow:
        """What is due beside `sent`: `most` or some more, the first of every group."""
        execute = self._connection.execute
        (position,) = execute(_POSITION, [Agenda.name]).fetchone() or (0,)
        at_work = {id: (of, until.isoformat()) for id, of, until in execute(_AT_WORK)}
        groups = execute(_GROUPS).fetchall()
        at_once = self._at_once({(id, version) for _, id, _, version, shut in groups if not shut})
        of = [g[:3] for g in groups if g[0] == PREPARE or (not g[4] and g[1] in at_once)]
        if not of:
            return DueNow(position, [], False, at_once, at_work, self._waiting(sent))
        steps, targets, priorities = zip(*of, strict=True)
        each = max(_LEAST_PER_GROUP, 2 * most // len(of))
        asked = {
            "steps": list(steps),
            "targets": list(targets),
            "priorities": list(priorities),
            "sent": list(sent),
            "most": each,
        }
        due = [
            Due(id, tenant, target, step, Priority(priority), at, where)
            for id, tenant, target, step, priority, at, where in execute(_FIRST, asked)
        ]
        found = Counter((one.step, one.target_id, one.priority) for one in due)
        more = max(found.values(), default=0) >= each
        return DueNow(position, due, more, at_once, at_work, self._waiting(sent))

    def _waiting(self, sent: Sequence[UUID]) -> set[UUID]:
        if not sent:
            return set()
        return {id for (id,) in self._connection.execute(_WAITING, [list(sent)])}

    def _at_once(self, targets: set[tuple[UUID, int]]) -> dict[UUID, int]:
        """Of those that take deliveries now by their windows and maintenance."""
        now = clock.now()
        self._policies = {
            id: (version, self._policy(id, version)) for id, version in targets if version
        }
        return {
            id: policy.at_once for id, (_, policy) in self._policies.items() if is_open(policy, now)
        }

    def _policy(self, id: UUID, version: int) -> DeliveryPolicy:
        known = self._policies.get(id)
        if known and known[0] == version:
            return known[1]
        target = self._catalogue.find(DeliveryTarget, id)
        return target.settings.policy if target else DeliveryPolicy()
