"""All projections there are."""

from __future__ import annotations

from deadwax.projections.agenda import Agenda
from deadwax.projections.assets import Assets
from deadwax.projections.audit_trail import AuditTrail
from deadwax.projections.base import Projection
from deadwax.projections.bulk_jobs import BulkItems, BulkJobs
from deadwax.projections.collections import Collections
from deadwax.projections.date_warnings import DateWarnings
from deadwax.projections.delivery_dates import DeliveryDates
from deadwax.projections.delivery_log import DeliveryLog
from deadwax.projections.kept_acknowledgements import KeptAcknowledgements
from deadwax.projections.media_conflicts import MediaConflicts
from deadwax.projections.notices import Notices
from deadwax.projections.offers import Offers
from deadwax.projections.release_dates import ReleaseDates
from deadwax.projections.releases import Releases
from deadwax.projections.renditions import Renditions
from deadwax.projections.schedules import Schedules
from deadwax.projections.status_board import StatusBoard
from deadwax.projections.targets import Targets
from deadwax.projections.tenants import Tenants
from deadwax.projections.timeline import Timeline

PROJECTIONS: tuple[Projection, ...] = (
    Releases(),
    Tenants(),
    Targets(),
    StatusBoard(),
    Timeline(),
    AuditTrail(),
    DeliveryLog(),
    Agenda(),
    Assets(),
    KeptAcknowledgements(),
    Notices(),
    Offers(),
    Collections(),
    Schedules(),
    ReleaseDates(),
    DeliveryDates(),
    DateWarnings(),
    BulkJobs(),
    BulkItems(),
    MediaConflicts(),
    Renditions(),
)


def projection_named(name: str) -> Projection:
    """Raises KeyError, naming those there are."""
    found = {projection.name: projection for projection in PROJECTIONS}
    if name not in found:
        raise KeyError(f"There is no projection {name}; there are {', '.join(found)}.")
    return found[name]
