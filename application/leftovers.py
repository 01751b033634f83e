"""Removing what was brought to a platform of messages that are not sent after all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import Can, Courier, Couriers
from deadwax.application.process import Process
from deadwax.application.ways import way_of
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Refused
from deadwax.domain.target import TargetSettings
from deadwax.domain.uploads import Upload

Leftover = tuple[Distribution, Upload]


class Leftovers:
    def __init__(self, couriers: Couriers, process: Process) -> None:
        self._couriers, self._process = couriers, process

    def sweep(
        self, leftovers: Sequence[Leftover], settings: TargetSettings, check: Callable[[], None]
    ) -> list[Leftover]:
        """Remove them, after `check` that this attempt still may. Returns those that cannot be:
        somebody published them since.

        It is tried, and no more. But a message whose publishing began has to be gone before
        another one is sent, or a worker that was frozen might still publish it: then
        DeliveryFailed and Refused are raised.
        """
        published: list[Leftover] = []
        for route in sorted({upload.route for _, upload in leftovers}):
            of_route = [(d, upload) for d, upload in leftovers if upload.route == route]
            first = of_route[0][0]
            try:
                way = way_of(settings, route)
                with closing(self._couriers.connect(first.tenant_id, way)) as courier:
                    check()
                    published += [left for left in of_route if not self._remove(courier, *left)]
            except (DeliveryFailed, Refused) as why:
                if any(upload.shown for _, upload in of_route):
                    raise
                self._process.say(first, "leftovers_stay", route=route, detail=str(why))
        return published

    def _remove(self, courier: Courier, d: Distribution, upload: Upload) -> bool:
        """What completes it first, so that it cannot be published any more. Files that another
        message of the distribution was published with stay."""
        files = list(upload.message.get("files", ()))
        if not files or not {Can.LOOK, Can.REMOVE} <= courier.can:
            return True
        *content, completing = files
        if upload.shown and courier.size(completing["path"]) is not None:
            return False
        shown = (paths for id, paths in d.shown.items() if id != upload.message["id"])
        kept = frozenset[str]().union(*shown)
        removed = [f["path"] for f in (completing, *reversed(content)) if f["path"] not in kept]
        for path in removed:
            courier.remove(path)
        id = upload.message["id"]
        self._process.say(d, "leftovers_removed", message_id=id, files=len(removed))
        return True
