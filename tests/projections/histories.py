"""Random but legal and repeatable histories, made by the real aggregates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from tests.projections.fingerprints import compressed

from deadwax.domain.adapted import Adapted
from deadwax.domain.aggregate import Event, Root
from deadwax.domain.api_key import ApiKey, Role
from deadwax.domain.assets import Asset, AssetFacts, ImageFacts
from deadwax.domain.bulk import BulkJob
from deadwax.domain.bulk_events import BulkStatus
from deadwax.domain.bulk_terms import BulkAction, BulkOrder, Outcome, Plan, Result
from deadwax.domain.cause import Cause, acting
from deadwax.domain.collection import Collection
from deadwax.domain.date_warning import DateWarning
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import DomainError, Problem
from deadwax.domain.failures import FailureCategory
from deadwax.domain.identifiers import Isrc, Sha256
from deadwax.domain.kept_acknowledgement import KeptAcknowledgement
from deadwax.domain.media.measured import Analysis, AudioMeasured, ImageMeasured
from deadwax.domain.media.recipes import ImageRecipe
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.notice import Channel, Notice, NoticeStatus
from deadwax.domain.parties import Artist
from deadwax.domain.plain import from_plain
from deadwax.domain.priority import Priority
from deadwax.domain.release import Release
from deadwax.domain.release_planning import Dates, Punctuality, Verdict
from deadwax.domain.rendition_orders import RenditionOrder
from deadwax.domain.renditions import Rendition
from deadwax.domain.schedule import Schedule
from deadwax.domain.schedule_terms import Action, At, Terms
from deadwax.domain.states import STATED_BY_PEOPLE, WAITING_FOR_PLATFORM
from deadwax.domain.target import DeliveryTarget, TargetSettings
from deadwax.domain.tenant import Label, Tenant, TenantKind
from deadwax.domain.texts import Moment, Name
from deadwax.domain.tracks import Track
from deadwax.domain.vocabulary import ArtistRole, AssetKind, ReleaseType

SETTINGS: dict[str, Any] = {
    "platform": "Vinyl Stream",
    "mode": "test",
    "protocol": "sftp",
    "address": {"host": "sftp.example.com", "username": "label", "secret": "vinyl-sftp"},
    "sender": {"dpid": "PADPIDA2013042401U", "name": "Label"},
    "recipient": {"dpid": "PADPIDA2013042401U", "name": "Vinyl Stream"},
    "ern": "4.3",
    "confirmation": "ddex_acknowledgement",
}
_OUTCOMES = ("accepted", "accepted", "live", "live", "removed", "rejected")


class History:
    """The commands of some tenants, one after the other; the same for the same seed."""

    def __init__(self, seed: int, tenants: int = 2) -> None:
        self._random = Random(seed)
        self._tenants = [self._uuid() for _ in range(tenants)]
        self._roots: dict[UUID, list[Root]] = {tenant: [] for tenant in self._tenants}
        self._requests = 0

    def commands(self, count: int) -> Iterator[list[Event]]:
        """The events of each of `count` commands, at least one."""
        for tenant in self._tenants[:count]:
            yield self._act(tenant, self._register)
        done = len(self._tenants)
        while done < count:
            tenant = self._random.choice(self._tenants)
            events = self._act(tenant, self._some_command)
            if events:
                yield events
                done += 1

    def _act(self, tenant: UUID, command: Callable[[UUID], Root]) -> list[Event]:
        self._requests += 1
        cause = Cause(tenant, "key:1", f"request-{self._requests}", None)
        with acting(cause):
            try:
                root = command(tenant)
            except DomainError:
                return []  # a refused command stores nothing
        if root not in self._roots[tenant]:
            self._roots[tenant].append(root)
        return list(root.collect_events())

    def _register(self, tenant: UUID) -> Root:
        return Tenant.register(tenant, name="Tenant", kind=TenantKind.LABEL, review=False)

    def _some_command(self, tenant: UUID) -> Root:
        roots = self._roots[tenant]
        distributions = [root for root in roots if isinstance(root, Distribution)]
        if distributions and self._random.random() < 0.8:
            distribution = self._random.choice(distributions)
            self._move(distribution)
            return distribution
        make = self._random.choice(
            (self._label, self._key, self._asset, self._target, self._release, self._amendment)
            + (self._rendition,)
            + (self._acknowledgement, self._collection, self._notice)
            + (self._schedule, self._warning)
            + (self._bulk,)
            + (self._request,) * 3
        )
        return make(tenant)

    def _uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)

    def _of(self, tenant: UUID, kind: type[Root]) -> list[Any]:
        return [root for root in self._roots[tenant] if isinstance(root, kind)]

    def _label(self, tenant: UUID) -> Root:
        root: Tenant = self._of(tenant, Tenant)[0]
        if self._random.random() < 0.3:
            self._pause(root)
            return root
        root.add_label(Label(name=Name(f"Label {self._random.randrange(10**6)}")))
        return root

    def _key(self, tenant: UUID) -> Root:
        keys = self._of(tenant, ApiKey)
        if keys:
            self._random.choice(keys).revoke()
            return self._random.choice(keys)
        return ApiKey.issue(role=Role.VIEWER, name="Dashboard")[0]

    def _asset(self, tenant: UUID) -> Root:
        found = self._of(tenant, Asset)
        if found and self._random.random() < 0.5:
            asset = self._random.choice(found)
            asset.analyse(self._measured())
            if self._random.random() < 0.2:
                asset.link(asset.facts.sha256, datetime.now(UTC))
            return asset
        asset = Asset.store(
            tenant,
            AssetFacts(
                sha256=self._random.randbytes(32).hex(),
                md5=self._random.randbytes(16).hex(),
                size=self._random.randrange(10**7),
                filename="cover.jpg",
                kind=AssetKind.IMAGE,
                image=ImageFacts(codec="JPEG", width=3000, height=3000),
            ),
        )
        if self._random.random() < 0.8:
            asset.analyse(self._measured())
        return asset

    def _measured(self) -> Analysis:
        """Of few pictures and recordings, so that many are the same or alike."""
        r = self._random
        analyser = f"deadwax-media {r.randrange(3)}"
        if r.random() < 0.5:
            bits = 0x0F0F0F0F0F0F0F0F ^ 1 << r.randrange(60)
            image = ImageMeasured(colour_space="RGB", bits=8, perceptual_hash=f"{bits:016x}")
            return Analysis(analyser=analyser, image=image)
        song = Random(r.randrange(2))
        items = [song.getrandbits(32) for _ in range(60)]
        audio = AudioMeasured(
            frames=1,
            bitrate_bps=1,
            pcm_sha256=f"{r.randrange(6):064x}",
            fingerprint=compressed([item ^ 1 << r.randrange(8) for item in items]),
        )
        return Analysis(analyser=analyser, audio=audio)

    def _rendition(self, tenant: UUID) -> Root:
        assets = self._of(tenant, Asset)
        if not assets:
            return self._asset(tenant)
        source = self._random.choice(assets).facts
        recipe = ImageRecipe(pixels=self._random.randrange(1, 10**9))
        if self._random.random() < 0.5:
            return self._order(tenant, source.sha256, recipe)
        made = replace(source, sha256=self._random.randbytes(32).hex())
        return Rendition.make(
            tenant, source.sha256, recipe, made, encoder="Pillow 13", same_samples=False
        )

    def _order(self, tenant: UUID, source: str, recipe: ImageRecipe) -> Root:
        found = self._of(tenant, RenditionOrder)
        if not found or self._random.random() < 0.3:
            return RenditionOrder.place(tenant, source, recipe)
        order: RenditionOrder = self._random.choice(found)
        problem = Problem("picture_broken", "file", "It cannot be read to its end.", "Export it.")
        refuse = partial(order.refuse, (problem,))
        self._random.choice((order.repeat, order.settle, refuse))()
        return order

    def _target(self, tenant: UUID) -> Root:
        targets = self._of(tenant, DeliveryTarget)
        settings = from_plain(TargetSettings, SETTINGS)
        if not targets or self._random.random() < 0.5:
            return DeliveryTarget.open(self._uuid(), settings)
        target: DeliveryTarget = self._random.choice(targets)
        if self._random.random() < 0.3:
            self._pause(target)
            return target
        platform = Name(f"Platform {self._random.randrange(10)}")
        target.amend(replace(settings, platform=platform))
        return target

    def _pause(self, root: DeliveryTarget | Tenant) -> None:
        if root.paused:
            root.resume()
        else:
            until = self._random.choice((None, _soon()))
            root.pause("not now", until, datetime.now(UTC))

    def _acknowledgement(self, tenant: UUID) -> Root:
        sha256 = self._random.randbytes(32).hex()
        problem = Problem("ack_release_unknown", "", "No message about it was sent.", "Read it.")
        return KeptAcknowledgement.keep(self._uuid(), "http", "", sha256, [problem])

    def _notice(self, tenant: UUID) -> Root:
        waiting = [n for n in self._of(tenant, Notice) if n.status is NoticeStatus.RECEIVED]
        if waiting and self._random.random() < 0.7:
            notice: Notice = self._random.choice(waiting)
            notice.note_read([], [])
            return notice
        return Notice.receive(
            self._uuid(),
            Channel.FILE,
            str(self._uuid()),
            name="statuses.csv",
            media_type="text/csv",
            sha256=self._random.randbytes(32).hex(),
        )

    def _collection(self, tenant: UUID) -> Root:
        offered = [d for d in self._of(tenant, Distribution) if d.message]
        if not offered:
            return self._acknowledgement(tenant)
        d = self._random.choice(offered)
        id = Collection.id_of(d.message["id"])
        known = [root for root in self._of(tenant, Collection) if root.id == id]
        root = known[0] if known else Collection.begin(d.message["id"], d.target_id, d.id)
        file, *others = d.message["files"]
        note = self._random.choice(
            (lambda: root.note_message(file), lambda: root.note_resources(others), root.finish)
        )
        note()
        return root

    def _schedule(self, tenant: UUID) -> Root:
        """A new one, or one of the commands that its state may or may not allow."""
        r, now = self._random, datetime.now(UTC)
        plan: list[dict[str, Any]] = [{"due_at": now.isoformat()}]
        schedules = self._of(tenant, Schedule)
        if not schedules or r.random() < 0.2:
            terms = Terms(
                name=Name("Fridays"),
                action=Action.UPDATE,
                reason=Name("The charts."),
                at=At(time=Moment("2099-01-01T09:00:00Z")),
            )
            return Schedule.create(self._uuid(), terms, plan)
        s: Schedule = r.choice(schedules)
        refused = {"distribution_id": str(self._uuid()), "code": "c", "message": "No."}
        commands: list[Callable[[], object]] = [
            lambda: s.fire(now, r.choice(([], plan)), [now] * r.randrange(1, 3)),
            lambda: s.note(self._uuid(), [self._uuid()], [refused]),
            s.end_run,
            lambda: s.pause("on hold"),
            lambda: s.resume(plan),
            lambda: s.replan([{"due_at": _soon().isoformat()}]),
            lambda: s.amend(replace(s.terms, name=Name(f"Name {r.randrange(100)}")), plan),
        ]
        r.choice([*commands * 3, lambda: s.cancel("not wanted")])()
        return s

    def _warning(self, tenant: UUID) -> Root:
        distributions = self._of(tenant, Distribution)
        if not distributions:
            return self._request(tenant)
        d = self._random.choice(distributions)
        out = _soon()
        dates = Dates(out=out, latest=out - timedelta(days=7), wanted_at=out, planned=out)
        verdict = Verdict(self._random.choice([*Punctuality]), "planned")
        known = [
            warning
            for warning in self._of(tenant, DateWarning)
            if (warning.release_id, warning.target_id) == (d.release_id, d.target_id)
        ]
        if not known:
            risk = Verdict(Punctuality.AT_RISK, "little_time")
            return DateWarning.raise_for(d.release_id, d.target_id, risk, dates)
        known[0].note(verdict, dates)
        return known[0]

    def _bulk(self, tenant: UUID) -> Root:
        jobs = [root for root in self._of(tenant, BulkJob) if root.status != BulkStatus.FINISHED]
        if not jobs:
            order = BulkOrder(action=BulkAction.RETRY, reason=Name("It is fixed."))
            plan = Plan(sha256=Sha256("a" * 64), items=9)
            return BulkJob.begin(self._uuid(), order, plan, {}, run_when_checked=True)
        job = self._random.choice(jobs)
        if job.pending_events:  # those stored with the results before
            return job
        if job.status == BulkStatus.STOPPED:
            job.go_on()
        elif self._random.random() < 0.1:
            job.stop("not now")
        elif job.status == BulkStatus.RUNNING:
            return job.note_done(self._outcomes(job.plan.items - job.done))
        else:
            job.note_checked(self._outcomes(job.plan.items - job.checked))
        return job

    def _outcomes(self, most: int) -> list[Outcome]:
        problem = Problem("illegal_transition", "status", "It is live.")
        results = self._random.choices([*Result], k=self._random.randrange(1, most + 1))
        return [
            Outcome(
                release_id=self._uuid(),
                target_id=self._uuid(),
                result=result,
                problem=problem if result is Result.REFUSED else None,
            )
            for result in results
        ]

    def _release(self, tenant: UUID) -> Root:
        title = Name(f"Title {self._random.randrange(1000)}")
        return Release.draft(self._uuid(), ReleaseMetadata(title=title))

    def _amendment(self, tenant: UUID) -> Root:
        releases = self._of(tenant, Release)
        if not releases:
            return self._release(tenant)
        release: Release = self._random.choice(releases)
        if self._random.random() < 0.1:
            release.archive("withdrawn")
        else:
            tracks = tuple(self._track(tenant, n + 1) for n in range(self._random.randrange(12)))
            artist = Artist(name=Name("Näme, “quoted”"), role=ArtistRole.MAIN)
            release.amend(
                replace(release.metadata, tracks=tracks, artists=(artist,), type=ReleaseType.ALBUM),
                {},
            )
        return release

    def _track(self, tenant: UUID, number: int) -> Track:
        """Of few recordings, some with a file of any kind that the tenant has."""
        r, files = self._random, self._of(tenant, Asset)
        isrc = Isrc(f"DEA47260000{r.randrange(4)}") if r.random() < 0.7 else None
        if not files or r.random() < 0.3:
            return Track(number=number, isrc=isrc)
        return Track(number=number, isrc=isrc, audio=Sha256(r.choice(files).facts.sha256))

    def _request(self, tenant: UUID) -> Root:
        releases, targets = self._of(tenant, Release), self._of(tenant, DeliveryTarget)
        if not releases or not targets:
            return self._target(tenant) if releases else self._release(tenant)
        later = self._random.choice((None, _soon()))
        release, target = self._random.choice(releases), self._random.choice(targets)
        priority = self._random.choice([*Priority])
        made = Distribution.request(release.id, target.id, "test", later, priority)
        known = [root for root in self._of(tenant, Distribution) if root.id == made.id]
        if known:
            known[0].renew(later)
            return known[0]
        return made

    def _move(self, d: Distribution) -> None:
        """One of the commands that the distribution's state may or may not allow."""
        r = self._random
        message = self._message(d)
        evidence = {"endpoint": "sftp://x", "files": message["files"], "bytes": 7, "seconds": "0.5"}
        said_of = d.message["id"] if d.message else "M0"
        ordinary: list[Callable[[], object]] = [
            d.start_validation,
            lambda: d.pass_validation(datetime.now(UTC)),
            d.come_due,
            lambda: d.start_attempt("worker@host:1", _soon()),
            lambda: d.compose(d.token, message),
            lambda: d.start_upload(d.token, r.choice(("primary", "primary", "fallback"))),
            lambda: d.start_publishing(d.token),
            lambda: d.confirm_sent(d.token, evidence, expects_answer=r.random() < 0.7),
        ]
        if d.status in WAITING_FOR_PLATFORM:
            said = {"sha256": message["xml_sha256"], "information": "Thank you"}
            ordinary.append(lambda: d.acknowledge(said_of, r.choice(_OUTCOMES), said))
        unusual: list[Callable[[], object]] = [
            lambda: d.need_attention(
                FailureCategory.METADATA_INVALID,
                [Problem("c", "f", "Broken."), Problem("c", "", "")],
            ),
            lambda: d.fail_attempt(d.token, r.choice([*FailureCategory]), "no route", _soon()),
            lambda: d.fail_attempt(
                d.token,
                FailureCategory.CONTENT_FORMAT,
                "no WAV here",
                _soon(),
                adapted=Adapted(None, r.choice(("flac", "mp3_320"))),
            ),
            lambda: d.adapt(Adapted(None, "flac")),
            lambda: d.give_back(d.token, r.choice(("stopped", "lease_expired"))),
            lambda: d.found_sent({"found": "manifest", "files": []}, expects_answer=True),
            d.found_unsent,
            d.retry,
            lambda: d.request_update("new cover", forced=r.random() < 0.3),
            lambda: d.override_status(r.choice(sorted(STATED_BY_PEOPLE)), "they said so"),
            lambda: d.assign(r.choice(("ida@example.com", None)), "knows the platform"),
            lambda: d.request_takedown("rights lost"),
            lambda: d.request_takedown("the licence ends", Moment("2099-01-01")),
            lambda: d.request_purge("a mistake", "1"),
            lambda: d.drop_update(d.token),
            lambda: d.cancel("not wanted"),
            lambda: d.suspend("on hold"),
            d.resume,
            lambda: d.renew(None),
            lambda: d.prioritise(r.choice([*Priority])),
        ]
        commands = ordinary if r.random() < 0.93 else unusual
        for command in r.sample(commands, len(commands)):
            before = len(d.pending_events)
            try:
                command()
            except DomainError:
                continue
            if len(d.pending_events) > before:
                return

    def _message(self, d: Distribution) -> dict[str, Any]:
        id = f"M{self._random.getrandbits(40)}"
        digest = hashlib.sha256(id.encode()).hexdigest()
        files = [
            {"path": f"batch/{d.id}/resources/{n}.wav", "sha256": digest, "size": 1000 + n}
            for n in range(self._random.randrange(1, 5))
        ]
        message = {"id": id, "kind": d.kind, "xml_sha256": digest, "icpn": "1", "files": files}
        if d.target_id.int % 2:
            return message
        return message | {"choreography": "web_service 1.7", "target_id": str(d.target_id)}


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=60)
