"""Reading what a platform wrote back, and applying it to the distributions it names."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.compose import distribution_of
from deadwax.application.deliver import cause_of
from deadwax.application.errors import DeliveryFailed
from deadwax.application.messages import Acknowledgement, MessageBuilder
from deadwax.application.ports import AssetStore, Couriers, Inbox, RemoteFile
from deadwax.domain.cause import acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Refused
from deadwax.domain.target import DeliveryTarget

FOLDER = "acknowledgements"
_LIMIT = 4 * 1024 * 1024


class FollowUp:
    def __init__(
        self,
        catalogue: Catalogue,
        assets: AssetStore,
        messages: MessageBuilder,
        couriers: Couriers,
        inbox: Inbox,
        worker: str,
        notice: Callable[..., None],
    ) -> None:
        self._catalogue, self._assets, self._messages = catalogue, assets, messages
        self._couriers, self._inbox = couriers, inbox
        self._worker, self._notice = worker, notice

    def poll(self, target_id: UUID) -> None:
        """Read the acknowledgement files of a target that were not read before.

        A target that cannot be reached is noticed and tried at the next poll.
        """
        target = self._catalogue.find(DeliveryTarget, target_id)
        if target is None:
            return
        try:
            courier = self._couriers.connect(target.tenant_id, target.settings)
        except DeliveryFailed as failed:
            self._notice("cannot_poll", target_id=str(target_id), detail=failed.detail)
            return
        try:
            files = [f for f in courier.list(FOLDER) if f.path.endswith(".xml")]
            for file in self._inbox.unread(target_id, sorted(files, key=_when)):
                self._read(target, file, courier.fetch(file.path, _LIMIT))
        except DeliveryFailed as failed:
            self._notice("cannot_poll", target_id=str(target_id), detail=failed.detail)
        finally:
            courier.close()

    def _read(self, target: DeliveryTarget, file: RemoteFile, data: bytes) -> None:
        stored = self._assets.put([data])
        try:
            said = self._messages.read_acknowledgements(data)
        except Refused as refused:
            self._notice("unreadable", target_id=str(target.id), path=file.path, why=str(refused))
            self._inbox.mark_read(target.id, file, f"unreadable: {refused}")
            return
        applied = [self._apply(target, ack, file, stored.sha256) for ack in said]
        if all(applied):
            self._inbox.mark_read(target.id, file, f"{len(applied)} acknowledgements")

    @redone_on_conflict
    def _apply(
        self, target: DeliveryTarget, ack: Acknowledgement, file: RemoteFile, sha256: str
    ) -> bool:
        """False when it must be offered again; an acknowledgement of nothing of this target's
        is noticed and done with."""
        id = distribution_of(ack.message_id)
        distribution = self._catalogue.find(Distribution, id) if id else None
        if distribution is None or distribution.target_id != target.id:
            self._notice("not_ours", target_id=str(target.id), message_id=ack.message_id)
            return True
        with acting(cause_of(distribution, self._worker)):
            done = distribution.acknowledge(
                ack.message_id,
                ack.outcome.value,
                {
                    "source": "ddex_acknowledgement",
                    "path": file.path,
                    "sha256": sha256,
                    "status": ack.status,
                    "information": ack.information,
                },
            )
            self._catalogue.save(distribution)
            self._notice(
                "acknowledged" if done else "acknowledged_too_early",
                distribution_id=str(distribution.id),
                correlation_id=distribution.last_event.correlation_id,
                outcome=ack.outcome.value,
                path=file.path,
            )
        return done


def _when(file: RemoteFile) -> tuple[str, str]:
    """By the time in the name, so that `accepted` comes before `live`."""
    return file.path.rsplit("_", 1)[-1], file.path
