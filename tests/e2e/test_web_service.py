"""A platform that pulls, over real HTTP: offered, fetched, live, taken down; and processes that
are killed on the way."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

import httpx
import pytest
from tests.e2e.pulling import Entry, PullingDsp
from tests.faults.rig import BACKGROUND, DSP_DPID, LABEL_DPID, Rig

from deadwax.domain.addresses.parts import BaseUrl
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.addresses.pull import PullAddress
from deadwax.domain.api_key import Role
from deadwax.domain.choreography import Choreography
from deadwax.domain.choreography_versions import ChoreographyKind, ChoreographyVersion
from deadwax.domain.collection import Collection
from deadwax.domain.texts import Name
from deadwax.infrastructure.sandbox.erns import read_ern
from deadwax.infrastructure.sandbox.reading import parse


class PullRig(Rig):
    """The target's platform pulls; the API is a process at an address that it keeps."""

    def __init__(self, home: Path, database_url: str, redis_url: str, schemas: Path) -> None:
        super().__init__(home, database_url, redis_url, schemas)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.environ["DEADWAX_API_PORT"] = str(port)
        self.url = f"http://127.0.0.1:{port}"
        base = f"{self.url}/api/v1/ddex"
        pulled = Choreography(kind=ChoreographyKind.WEB_SERVICE, version=ChoreographyVersion.V17)
        self.target_id = self.open_target(
            replace(
                self.settings(None, None),
                protocol=Protocol.WEB_SERVICE,
                address=PullAddress(base_url=BaseUrl(base)),
                choreography=pulled,
            )
        )
        with self.acting():
            self.key, text, _ = self.container.tenants.issue_key(
                Role.PLATFORM, Name("Vinyl Stream"), self.target_id
            )
        self.platform = PullingDsp(base, text, home / "pulled", DSP_DPID, LABEL_DPID, schemas)

    def close(self) -> None:
        self.platform.close()
        super().close()

    def start_api(self) -> Any:
        (process,) = self.start("api")
        self.wait_until(self._answers, "the API answers")
        return process

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def offer(self) -> UUID:
        return self.distribute(target=self.target_id)

    def listed(self, count: int = 1) -> list[Entry]:
        """The feed, once it has that many entries."""
        found: list[Entry] = []

        def there() -> bool:
            found[:] = self.platform.feed()
            return len(found) == count

        self.wait_until(there, f"{count} entries in the feed")
        return found

    def collected(self, id: UUID) -> list[str]:
        """What the log says that the platform fetched of the message composed last."""
        message = self.distribution(id).message
        assert message is not None
        return self.topics(Collection.id_of(message["id"]))

    def wait_for_collected(self, id: UUID, *topics: str) -> None:
        wanted = [f"collection.{topic}" for topic in topics]
        self.wait_until(lambda: self.collected(id) == wanted, f"{id} is collected: {wanted}")


@pytest.fixture
def rig(database_url: str, redis_url: str, short_tmp: Path, schemas: Path) -> Iterator[PullRig]:
    rig = PullRig(short_tmp, database_url, redis_url, schemas)
    try:
        yield rig
    finally:
        rig.close()


def test_a_release_is_offered_pulled_live_and_taken_down(rig: PullRig) -> None:
    rig.start("worker", *BACKGROUND)
    rig.start_api()
    id = rig.offer()
    rig.wait_for(id, "processing_by_platform")
    (entry,) = rig.listed()
    assert (entry.title, entry.categories) == ("Tested", ())
    taken = rig.platform.take(entry)
    assert [file.uri.rpartition(".")[2] for file in taken.ern.files] == ["flac", "flac", "jpg"]
    assert taken.ern.icpn == entry.icpn == rig.distribution(id).icpn
    rig.wait_for_collected(id, "started", "message_fetched", "resources_fetched")

    sent = rig.events(id)[-1]
    assert sent.evidence["endpoint"] == f"{rig.platform.base_url}/feed"
    assert sent.evidence["bytes"] == 0
    assert rig.platform.delete(taken) == 204
    assert rig.platform.delete(taken) == 208
    rig.listed(0)
    assert rig.platform.http.get(entry.message_url).is_success  # it may fetch it again
    assert rig.platform.acknowledge(taken).status_code == 202
    rig.wait_for(id, "live")
    evidence = [e for e in rig.events(Collection.id_of(taken.ern.message_id))]
    assert {e.actor for e in evidence} == {f"key:{rig.key.id}"}
    assert [e.TOPIC for e in evidence][-1] == "collection.finished"

    rig.take_down(id)
    assert rig.platform.http.get(entry.message_url).status_code == 404  # withdrawn at once
    (gone,) = rig.listed()
    assert (gone.categories, gone.icpn) == (("Takedown",), entry.icpn)
    assert gone.id != entry.id
    withdrawn = rig.platform.take(gone)
    assert withdrawn.ern.is_takedown
    assert withdrawn.ern.files == ()
    assert rig.platform.acknowledge(withdrawn).status_code == 202
    rig.wait_for(id, "removed")
    rig.listed(0)
    assert rig.platform.http.get(gone.message_url).status_code == 404


STEPS = (
    "saved distribution.upload_started",
    "saved distribution.publishing_started",
)


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_offers_once(rig: PullRig, step: str) -> None:
    rig.start(*BACKGROUND)
    rig.start_api()
    doomed = rig.start_crashing("worker", step)
    id = rig.offer()
    assert doomed.wait(timeout=60) == -signal.SIGKILL, rig.evidence()
    published = step != STEPS[0]
    assert (len(rig.listed(int(published))) == 1) is published
    rig.start("worker")
    (entry,) = rig.listed()
    taken = rig.platform.take(entry)
    rig.wait_for(id, "processing_by_platform")
    assert rig.platform.acknowledge(taken).status_code == 202
    rig.wait_for(id, "live")
    assert rig.topics(id).count("distribution.sent") == 1
    assert rig.topics(id).count("distribution.message_composed") == 1


def test_an_api_killed_between_two_fetches_loses_and_doubles_nothing(rig: PullRig) -> None:
    rig.start("worker", *BACKGROUND)
    api = rig.start_api()
    id = rig.offer()
    (entry,) = rig.listed()
    ern = read_ern(parse(rig.platform.fetch(entry.message_url).read_bytes()))
    rig.platform.fetch(urljoin(entry.message_url, ern.files[0].uri))
    rig.wait_for_collected(id, "started", "message_fetched")
    api.kill()
    api.wait()
    with pytest.raises(httpx.ConnectError):
        rig.platform.feed()
    rig.start_api()
    assert rig.platform.feed() == [entry]
    taken = rig.platform.take(entry)  # which goes on where it was
    rig.wait_for_collected(id, "started", "message_fetched", "resources_fetched")
    assert rig.platform.acknowledge(taken).status_code == 202
    again = rig.platform.acknowledge(taken)
    assert (again.status_code, again.json()["position"]) == (202, 0)
    rig.wait_for(id, "live")
    assert rig.topics(id).count("distribution.went_live") == 1
    rig.listed(0)
