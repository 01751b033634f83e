"""One attempt to deliver: a distribution, or several to one target that share a batch.

Everything that is stored for several is stored for all of them or for none, so a killed worker
leaves each where the log says it is, and each finds its way from there alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import chain
from uuid import UUID

from deadwax.application.catalogue import Catalogue
from deadwax.application.compose import Composer
from deadwax.application.endings import Endings, at_work
from deadwax.application.errors import Conflict, DeliveryFailed, Stopped
from deadwax.application.forms import RenditionMissing
from deadwax.application.lease import HeldLease
from deadwax.application.leftovers import Leftovers
from deadwax.application.meter import Meter
from deadwax.application.patience import Patience
from deadwax.application.ports import AssetStore, Couriers, Leases, Progress
from deadwax.application.process import Process
from deadwax.application.receipts import Receipts, Seen
from deadwax.application.sending import FileBroken, Sending, listed
from deadwax.application.stages import files_of, in_order
from deadwax.application.throttle import Throttle
from deadwax.application.transfer import Transfer
from deadwax.application.ways import Way, connections_of, route_of, way_of
from deadwax.domain import clock
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import LeaseLost
from deadwax.domain.failures import FailureCategory, Recovery
from deadwax.domain.states import AT_WORK
from deadwax.domain.target import Confirmation, DeliveryTarget, TargetSettings
from deadwax.domain.uploads import Upload

Members = Sequence[Distribution]
GoOn = Callable[[], bool]


class Attempts:
    def __init__(
        self,
        catalogue: Catalogue,
        composer: Composer,
        assets: AssetStore,
        couriers: Couriers,
        leases: Leases,
        progress: Progress,
        receipts: Receipts,
        patience: Patience,
        process: Process,
    ) -> None:
        self._catalogue, self._composer, self._assets = catalogue, composer, assets
        self._couriers, self._leases, self._patience = couriers, leases, patience
        self._progress, self._receipts, self._process = progress, receipts, process
        self._leftovers = Leftovers(couriers, process)
        self._endings = Endings(patience, process)

    def run(self, members: Members, keep_going: GoOn) -> DeliveryFailed | None:
        """Deliver `members`, which wait for a worker and have one target.

        Returns what ended it where the target or the way to it failed; None where it was
        delivered, or ended by a fault of ours. Raises Conflict or LeaseLost when another
        worker was first; then nothing of it counts."""
        ended_by: DeliveryFailed | None = None
        settings = self._catalogue.get(DeliveryTarget, members[0].target_id).settings
        until = clock.now() + timedelta(seconds=self._patience.lease)
        self._process.each(members, lambda d: d.start_attempt(self._process.worker, until))
        self._catalogue.save(*members)
        with HeldLease(self._leases, _tokens(members), self._patience.lease) as lease:
            try:
                ready = self._ready(members, settings, lease)
                if ready:
                    self._deliver(ready, settings, lease, keep_going)
            except (Conflict, LeaseLost):
                self._give_up(members)
                raise
            except Stopped as stopped:
                if not lease.held():
                    raise LeaseLost("The lease ran out.") from stopped
                self._endings.give_back(members, "stopped")
            except FileBroken as broken:
                self._endings.end(broken.members, settings, broken.why)
                self._endings.give_back(members, "others_failed")
            except Exception as error:
                self._endings.end(members, settings, error)
                ended_by = _of_target(error)
            try:
                self._catalogue.save(*members)
            except Conflict:
                self._give_up(members)
                raise
        return ended_by

    # -- before anything is sent

    def _ready(
        self, members: Members, settings: TargetSettings, lease: HeldLease
    ) -> list[Distribution]:
        """Those that have a message, all of one delivery. Nothing is left at the platform of
        messages that are not sent after all, nor of these by the other way."""
        left = [(d, upload) for d in members for upload in d.leftovers]
        if self._composer.still_stand(members):
            route = route_of(members, settings)
            abandoned = [(d, upload) for d, upload in left if upload.route != route]
            self._leftovers.sweep(abandoned, settings, lease.require)
            return list(members)
        for found in self._leftovers.sweep(left, settings, lease.require):
            self._look_into(*found)
        return self._composed(at_work(members), settings)

    def _look_into(self, d: Distribution, upload: Upload) -> None:
        """It was published after it had been found not to be: that is not sent again."""
        with self._process.acting(d):
            d.start_upload(d.token, upload.route)
            d.start_publishing(d.token)
            d.give_back(d.token, "found_published")
        self._catalogue.save(d)

    def _composed(self, members: Members, settings: TargetSettings) -> list[Distribution]:
        """What cannot be composed is told to a person, an update that says nothing new ends;
        neither holds up the others."""
        now, drafts = clock.now(), []
        for d in members:
            with self._process.acting(d), self._catalogue.reading_once():
                try:
                    draft = self._composer.draft(d, now)
                except RenditionMissing:  # the target came to want another form meanwhile
                    d.give_back(d.token, "rendition_missing")
                    self._catalogue.save(d)
                    continue
                except Exception as error:
                    self._endings.end([d], settings, error)
                    self._catalogue.save(d)
                    continue
                if draft is not None:
                    drafts.append((d, draft))
                else:
                    d.drop_update(d.token)
                    self._catalogue.save(d)
        messages = self._composer.lay_out([draft for _, draft in drafts])
        for (d, _), message in zip(drafts, messages, strict=True):
            with self._process.acting(d):
                d.compose(d.token, message)
        return [d for d, _ in drafts]

    # -- sending

    def _deliver(
        self, members: Members, settings: TargetSettings, lease: HeldLease, keep_going: GoOn
    ) -> None:
        """All files but the last, which completes the delivery: without it nothing counts as
        sent. It is published when every other was compared with what stands at its place."""

        def go_on() -> bool:
            return lease.held() and keep_going()

        route = route_of(members, settings)
        way = way_of(settings, route)
        self._process.each(members, lambda d: d.start_upload(d.token, route))
        self._catalogue.save(*members)
        stages, completing = in_order(members)
        content = list(chain.from_iterable(stages))
        everything = [*content, completing]
        cap, started = settings.policy.bytes_per_second, clock.now()
        connect = partial(
            self._couriers.connect, members[0].tenant_id, way, fresh=_wants_fresh(members)
        )
        with (
            Meter(self._progress, _tokens(members), route, everything) as meter,
            Transfer(connect, connections_of(settings), go_on, self._process.notice) as transfer,
        ):
            throttle = Throttle(cap) if cap else None
            sending = Sending(self._assets, members, meter, throttle, self._process)
            for stage in stages:
                transfer.each(stage, sending.bring)
            transfer.each(content, sending.verify)
            sending.upload(transfer.courier, completing, go_on)
            self._process.each(members, lambda d: d.start_publishing(d.token))
            self._catalogue.save(*members)
            lease.require()
            transfer.courier.publish(completing["path"])
            seen = Seen(
                established="published",
                verified=sending.verified,
                started=started,
                published=clock.now(),
                listing=listed(transfer.courier, everything),
                sent=meter.by_path,
            )
        for d in members:
            self._confirm(d, settings, way, seen)

    def _confirm(self, d: Distribution, settings: TargetSettings, way: Way, seen: Seen) -> None:
        assert d.message is not None
        files, message_id = files_of(d), d.message["id"]
        self._process.say(d, "message_published", path=files[-1]["path"], message_id=message_id)
        evidence = {
            **way.address.evidence,
            "route": d.route,
            "seconds": f"{seen.seconds:.3f}",
            "files": seen.compared(files),
            "bytes": seen.bytes_of(files),
            **self._receipts.give(d, settings, way, seen),
        }
        with self._process.acting(d):
            d.confirm_sent(d.token, evidence, expects_answer=answers(settings))

    # --

    def _give_up(self, members: Members) -> None:
        """Another has changed some of them: what is still ours goes back, one by one."""
        for ours in members:
            with self._process.acting(ours), suppress(Conflict, LeaseLost):
                d = self._catalogue.get(Distribution, ours.id)
                if d.status in AT_WORK and d.token == ours.token:
                    d.give_back(d.token, "overtaken")
                    self._catalogue.save(d)


def _of_target(error: Exception) -> DeliveryFailed | None:
    """Couriers call a fault of our own store unknown: that is not the target's."""
    if not isinstance(error, DeliveryFailed) or error.category is FailureCategory.UNKNOWN:
        return None
    return error


def answers(settings: TargetSettings) -> bool:
    """Whether its platform says what became of a message."""
    return settings.confirmation is not Confirmation.NONE


def _tokens(members: Members) -> dict[UUID, int]:
    return {d.id: d.token for d in members}


def _wants_fresh(members: Members) -> bool:
    return any(d.recovery == Recovery.REFRESH_CREDENTIALS for d in members)
