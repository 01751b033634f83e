"""Everything a process needs, wired by hand, opened once after any fork."""

from __future__ import annotations

import os
import socket
from functools import partial
from typing import Self

import structlog

from deadwax.application.analyses import Analyses
from deadwax.application.asset_links import AssetLinks
from deadwax.application.assets import Assets
from deadwax.application.bulk import Bulk
from deadwax.application.calendar import Calendar, DateWatch
from deadwax.application.catalogue import Catalogue
from deadwax.application.codes import Codes
from deadwax.application.compose import Composer
from deadwax.application.correlate import Correlator
from deadwax.application.deliver import Deliveries
from deadwax.application.direct_uploads import DirectUploads
from deadwax.application.distributions import Distributions
from deadwax.application.dry_run import DryRuns
from deadwax.application.follow_up import FollowUp
from deadwax.application.handover import Handover
from deadwax.application.mailboxes import Mailboxes
from deadwax.application.notices import Notices
from deadwax.application.patience import Patience
from deadwax.application.pauses import Pauses
from deadwax.application.planning import Planner
from deadwax.application.process import Process
from deadwax.application.pull import Pull
from deadwax.application.receipts import Receipts
from deadwax.application.releases import Releases
from deadwax.application.rendering import Rendering
from deadwax.application.rendition_orders import RenditionOrders
from deadwax.application.renditions import Renditions
from deadwax.application.run_schedules import ScheduleRuns
from deadwax.application.schedules import Schedules
from deadwax.application.targets import Targets
from deadwax.application.tenants import Tenants
from deadwax.application.tus_uploads import TusUploads
from deadwax.domain.clock import follow
from deadwax.domain.notice import Channel
from deadwax.infrastructure.analyses import PostgresAnalyses
from deadwax.infrastructure.calendar import (
    PostgresClock,
    PostgresSelecting,
    PostgresWantedReleases,
)
from deadwax.infrastructure.choosing import PostgresChoosing
from deadwax.infrastructure.clock import DatabaseClock
from deadwax.infrastructure.code_history import PostgresCodeHistory
from deadwax.infrastructure.couriers.notes import PostgresNotes
from deadwax.infrastructure.couriers.registry import CourierRegistry
from deadwax.infrastructure.database import open_pool
from deadwax.infrastructure.ern.builder import DdexMessages
from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.infrastructure.exclusive import PostgresExclusive
from deadwax.infrastructure.gate import gate_of
from deadwax.infrastructure.links import FileLinks
from deadwax.infrastructure.mead.builder import DdexEnrichments
from deadwax.infrastructure.media.picture_cache import PictureCache
from deadwax.infrastructure.media.workbench import Workbench
from deadwax.infrastructure.networks import confine
from deadwax.infrastructure.operations import (
    PostgresBatchNumbers,
    PostgresCorrespondence,
    PostgresFetches,
    PostgresInbox,
    PostgresLeases,
    PostgresWaiting,
)
from deadwax.infrastructure.progress import PostgresProgress
from deadwax.infrastructure.reports.files import read_file
from deadwax.infrastructure.reports.mailbox import open_mailbox
from deadwax.infrastructure.reports.mails import read_mail
from deadwax.infrastructure.secrets import FileSecrets
from deadwax.infrastructure.settings import Settings
from deadwax.infrastructure.signing import FileSigner
from deadwax.infrastructure.storage.opening import open_stores
from deadwax.infrastructure.storage.spool import UploadSpool
from deadwax.infrastructure.uploads import PostgresUploads
from deadwax.infrastructure.waits import PostgresWaits

_log = structlog.get_logger()


class Container:
    """The parts of one process. `role` names it in logs, in leases and as an actor."""

    def __init__(self, settings: Settings, role: str) -> None:
        database_url = settings.require_database()
        self.settings = settings
        self.worker = f"{role}@{socket.gethostname()}:{os.getpid()}"
        self.pool = open_pool(
            database_url, size=settings.worker_threads + 2, name=f"deadwax-{role}"
        )
        follow(DatabaseClock(self.pool).now)
        confine(settings.delivery_networks)
        self.log = PostgresEventLog(self.pool, database_url)
        self.catalogue = Catalogue(self.log)
        stores = open_stores(settings)
        self.asset_store, self.outside = stores.assets, stores.outside
        self.secrets = FileSecrets(settings.secrets_dir)
        self.signer = FileSigner(settings.secrets_dir)
        self.links = FileLinks(settings.secrets_dir)
        self.fetches = PostgresFetches(self.pool)
        self.progress = PostgresProgress(self.pool)
        self.messages = DdexMessages(settings.ddex_schemas)
        self.couriers = CourierRegistry(
            self.secrets,
            self.asset_store,
            self.catalogue,
            settings.stall_seconds,
            settings.delivery_folder,
            partial(PostgresNotes, self.pool),
            self.links.sign,
        )
        self.tenants = Tenants(self.catalogue)
        self.releases = Releases(self.catalogue)
        self.codes = Codes(self.catalogue, PostgresCodeHistory(self.pool))
        self.media = Workbench(settings.media_processes, ffmpeg=settings.ffmpeg)
        self.analyses = Analyses(
            self.catalogue,
            self.asset_store,
            self.media,
            PostgresAnalyses(self.pool, settings.lease_seconds),
            self.worker,
        )
        self.pictures = PictureCache(
            settings.home / "cache" / "pictures", self.asset_store, self.media
        )
        self.assets = Assets(self.catalogue, self.asset_store, self.media, self.analyses)
        self.renditions = Renditions(
            self.catalogue, self.asset_store, self.media, settings.spool_dir / "renditions"
        )
        exclusive = PostgresExclusive(database_url)
        self.rendition_orders = RenditionOrders(
            self.catalogue,
            self.renditions,
            exclusive,
            PostgresAnalyses(self.pool, settings.lease_seconds),
            self.worker,
        )
        self.asset_links = AssetLinks(self.catalogue, stores.outside or self.links)
        kept, most = settings.upload_seconds, settings.max_asset_bytes
        self.uploads = PostgresUploads(self.pool, kept)
        spool = UploadSpool(settings.spool_dir / "uploads")
        self.tus = TusUploads(self.uploads, spool, self.assets, most, kept)
        self.direct_uploads = (
            DirectUploads(self.uploads, stores.outside, self.assets, most, kept)
            if stores.outside
            else None
        )
        self.targets = Targets(self.catalogue, self.couriers)
        self.pauses = Pauses(self.catalogue)
        self.pull = Pull(self.catalogue, self.fetches)
        self.distributions = Distributions(self.catalogue)
        self.bulk = Bulk(
            self.catalogue,
            self.asset_store,
            PostgresChoosing(self.pool),
            self.worker,
            _log.info,
        )
        clock, planner = PostgresClock(self.pool), Planner(self.catalogue)
        wanted = PostgresWantedReleases(self.pool)
        self.schedules = Schedules(self.catalogue, planner, clock)
        self.schedule_runs = ScheduleRuns(
            self.catalogue,
            planner,
            PostgresSelecting(self.pool),
            clock,
            self.worker,
            _log.info,
        )
        self.calendar = Calendar(self.catalogue, wanted, clock)
        self.date_watch = DateWatch(
            self.catalogue, wanted, self.calendar, self.schedule_runs, clock, self.worker
        )
        enrichments = DdexEnrichments(settings.ddex_schemas)
        self.dry_runs = DryRuns(self.catalogue, self.messages, enrichments)
        self.composer = Composer(
            self.catalogue,
            self.asset_store,
            self.messages,
            enrichments,
            PostgresBatchNumbers(self.pool),
        )
        self.rendering = Rendering(
            self.catalogue,
            self.composer,
            self.renditions,
            exclusive,
            self.progress,
            Process(self.worker, _log.info),
            settings.lease_seconds,
        )
        self.gate = gate_of(settings.redis_url, self.pool, settings.lease_seconds)
        self.waits = PostgresWaits(self.pool)
        self.deliveries = Deliveries(
            self.catalogue,
            self.composer,
            self.asset_store,
            self.couriers,
            PostgresLeases(self.pool),
            self.gate,
            PostgresWaiting(self.pool),
            self.progress,
            Receipts(self.asset_store, self.signer),
            Patience(
                lease=settings.lease_seconds,
                retry_base=settings.retry_base_seconds,
                retry_cap=settings.retry_cap_seconds,
                answer=settings.answer_seconds,
            ),
            self.worker,
            _log.info,
        )
        self.correspondence = PostgresCorrespondence(self.pool)
        self.follow_up = FollowUp(
            self.catalogue,
            self.asset_store,
            self.messages,
            self.couriers,
            PostgresInbox(self.pool),
            Correlator(self.catalogue, self.log, self.correspondence),
            self.correspondence,
            self.worker,
            _log.info,
        )
        self.handover = Handover(self.catalogue, self.asset_store)
        self.notices = Notices(
            self.catalogue,
            self.asset_store,
            self.follow_up,
            {Channel.FILE: read_file, Channel.MAIL: read_mail},
            self.worker,
        )
        self.mailboxes = Mailboxes(
            self.catalogue,
            self.notices,
            PostgresInbox(self.pool),
            self.secrets,
            partial(open_mailbox, stall_seconds=settings.stall_seconds),
            self.worker,
            _log.info,
        )

    @classmethod
    def open(cls, settings: Settings, role: str) -> Self:
        return cls(settings, role)

    def close(self) -> None:
        follow()
        self.media.close()
        self.gate.close()
        self.log.close()
        self.pool.close()
