"""Batches: who travels together, and that nobody's trouble becomes another's."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.domain.complete import COMPLETE

from deadwax.application.catalogue import Catalogue
from deadwax.application.deliver import Deliveries
from deadwax.application.errors import Conflict, DeliveryFailed, NotFound
from deadwax.application.patience import Patience
from deadwax.application.ports import Can, OutgoingFile, RemoteFile, SigningKey, StoredAsset
from deadwax.application.receipts import Receipts
from deadwax.domain.addresses.parts import Host, SecretName
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.addresses.ssh import SftpAddress
from deadwax.domain.aggregate import Event
from deadwax.domain.cause import Cause, acting, current_cause
from deadwax.domain.choreography import Choreography, Gathering
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.failures import FailureCategory
from deadwax.domain.identifiers import Dpid, Icpn, gtin_check_digit
from deadwax.domain.release import Release
from deadwax.domain.states import Status
from deadwax.domain.target import (
    Confirmation,
    DeliveryTarget,
    ErnVersion,
    Mode,
    Party,
    TargetSettings,
)
from deadwax.domain.tenant import Tenant, TenantKind
from deadwax.domain.texts import Name

DAY = 86_400
NO_FILE = NotFound("asset", "0" * 64)
CORRUPT = DeliveryFailed(FailureCategory.INTEGRITY, "our bytes do not have the digest on record")
NO_WAV = DeliveryFailed(FailureCategory.CONTENT_FORMAT, "415 for a.wav")
CUT = DeliveryFailed(FailureCategory.NETWORK_CONNECTIVITY, "the connection was lost")
REFUSED = Refused("It cannot be built", [Problem("label_missing", "label", "It lacks a label.")])


class MemoryLog:
    """Implements EventLog: all of the events or none."""

    def __init__(self) -> None:
        self._streams: dict[UUID, list[Event]] = {}
        self._position = 0

    def append(self, events: Sequence[Event]) -> int:
        ends = {id: len(self._streams.get(id, [])) for id in {e.originator_id for e in events}}
        for event in events:
            ends[event.originator_id] += 1
            if event.originator_version != ends[event.originator_id]:
                raise Conflict("Another was first.")
        for event in events:
            self._streams.setdefault(event.originator_id, []).append(event)
        self._position += len(events)
        return self._position

    def load(self, stream_id: UUID) -> Sequence[Event]:
        return list(self._streams.get(stream_id, []))


class Composing:
    """Composes messages of one file each, and a manifest for all of them."""

    def __init__(self) -> None:
        self.broken: dict[UUID, Exception] = {}
        self.batches = 0

    def still_stand(self, members: Sequence[Distribution]) -> bool:
        together = sorted(d.id.hex for d in members)
        return all(d.message and d.message["batch"] == together for d in members)

    def draft(self, d: Distribution, now: object) -> Distribution:
        if d.id in self.broken:
            raise self.broken[d.id]
        return d

    def lay_out(self, drafts: Sequence[Distribution]) -> list[dict[str, Any]]:
        self.batches += 1
        end = {"path": f"{self.batches}/end.xml", "role": "manifest", "sha256": "e", "size": 1}
        return [
            {
                "id": f"{d.id.hex}.{d.token}",
                "kind": d.kind,
                "icpn": None,
                "batch": sorted(d.id.hex for d in drafts),
                "files": [
                    {
                        "path": f"{self.batches}/{d.id.hex}.xml",
                        "role": "message",
                        "sha256": d.id.hex,
                        "size": 1,
                    },
                    end,
                ],
            }
            for d in drafts
        ]


class Server:
    """Implements Courier and Couriers, AssetStore, Signer, Leases, Gate, Waiting and Progress, as
    far as is asked."""

    can = frozenset(Can)

    def __init__(self) -> None:
        self.standing: set[str] = set()
        self.uploaded: list[str] = []
        self.lost: dict[str, Exception] = {}
        self.waiting: list[UUID] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def connect(self, tenant_id: UUID, way: object, *, fresh: bool = False) -> Server:
        return self

    def close(self) -> None: ...

    def upload(self, file: OutgoingFile, *, keep_going: Any, progress: Any) -> None:
        file.open()
        self.uploaded.append(file.path)
        self.meanwhile()

    def publish(self, path: str) -> None:
        self.standing.add(path)

    def verify(self, file: OutgoingFile) -> str:
        assert file.path in self.standing
        return "size"

    def list(self, folder: str) -> list[RemoteFile]:
        return [RemoteFile(path, 1) for path in self.standing if path.startswith(folder)]

    def remove(self, path: str) -> None:
        self.standing.discard(path)

    def put(self, chunks: Sequence[bytes]) -> StoredAsset:
        return StoredAsset("0" * 64, "0" * 32, len(chunks[0]))

    def key(self) -> SigningKey:
        return SigningKey("k", "")

    def sign(self, key_id: str, data: bytes) -> str:
        return ""

    def size(self, path: str) -> int | None:
        return 1 if path in self.standing else None

    def open(self, sha256: str) -> io.BytesIO:
        if sha256 in self.lost:
            raise self.lost[sha256]
        return io.BytesIO(b"x")

    def beat(self, tokens: Mapping[UUID, int], seconds: float) -> bool:
        return True

    def release(self, tokens: Mapping[UUID, int]) -> None: ...

    def enter(self, target_id: UUID, holder: UUID, policy: object) -> None: ...

    def leave(self, *told: object) -> str:
        return "closed"

    def for_target(self, target_id: UUID, most: int) -> list[UUID]:
        return self.waiting[:most]

    @property
    def batches(self) -> int:
        return len([path for path in self.standing if path.endswith("end.xml")])


class House:
    def __init__(self, gathering: Gathering) -> None:
        self.catalogue, self.composing, self.server = Catalogue(MemoryLog()), Composing(), Server()
        self.target_id = uuid4()
        self.numbers = iter(range(1, 100))
        tenant = Tenant.register(
            current_cause().tenant_id, name="Label", kind=TenantKind.LABEL, review=False
        )
        target = DeliveryTarget.open(self.target_id, _settings(gathering))
        self.catalogue.save(tenant, target)
        made: Any = (self.composing, *[self.server] * 6, Receipts(self.server, self.server))
        self.deliveries = Deliveries(
            self.catalogue, *made, Patience(DAY, 0, 0, DAY), "worker", lambda *_, **__: None
        )

    def queued(self, icpn: Icpn | None = None) -> UUID:
        """A distribution that waits to be delivered, and that the work list knows."""
        body = f"590123{next(self.numbers):06}"
        icpn = icpn or Icpn(body + gtin_check_digit(body))
        release = Release.draft(uuid4(), replace(COMPLETE, icpn=icpn))
        d = Distribution.request(release.id, self.target_id, "test", None)
        d.start_validation()
        d.pass_validation(d.created_on)
        self.catalogue.save(release, d)
        self.server.waiting.append(d.id)
        return d.id

    def live(self) -> UUID:
        """One that is live, in no batch that counts here."""
        id = self.queued()
        self.server.waiting.remove(id)

        def deliver(d: Distribution) -> None:
            token = d.start_attempt("earlier", d.created_on)
            d.compose(token, {"id": "m", "kind": "initial", "icpn": None, "files": []})
            d.start_upload(token)
            d.start_publishing(token)
            d.confirm_sent(token, {}, expects_answer=True)
            d.acknowledge("m", "live", {"sha256": "f"})

        self.change(id, deliver)
        return id

    def change(self, id: UUID, command: Callable[[Distribution], object]) -> None:
        d = self[id]
        command(d)
        self.catalogue.save(d)

    def advance(self, id: UUID) -> float | None:
        """Seconds that it waits."""
        wait = self.deliveries.advance(id, lambda: True)
        return wait and wait.seconds

    def __getitem__(self, id: UUID) -> Distribution:
        found = self.catalogue.find(Distribution, id)
        assert found is not None
        return found

    def statuses(self, ids: Sequence[UUID]) -> list[Status]:
        return [self[id].status for id in ids]

    def together(self, id: UUID) -> set[UUID]:
        message = self[id].message
        return {UUID(hex=one) for one in message["batch"]} if message else set()


def _settings(gathering: Gathering) -> TargetSettings:
    host, name, secret = Host("sftp.example.com"), Name("label"), SecretName("sandbox")
    return TargetSettings(
        platform=Name("Sandbox"),
        mode=Mode.TEST,
        protocol=Protocol.SFTP,
        address=SftpAddress(host=host, username=name, secret=secret),
        sender=Party(dpid=Dpid("PADPIDA2013042401U"), name=Name("Label")),
        recipient=Party(dpid=Dpid("PADPIDA20261121020"), name=Name("Platform")),
        ern=ErnVersion.V43,
        confirmation=Confirmation.DDEX_ACKNOWLEDGEMENT,
        choreography=Choreography(gathering=gathering),
    )


@pytest.fixture(autouse=True)
def acted() -> Iterator[None]:
    with acting(Cause(uuid4(), "key:test", "c")):
        yield


@pytest.fixture
def house() -> House:
    """A target that gathers four messages, or what there is after a day."""
    return House(Gathering(most=4, seconds=DAY))


@pytest.fixture
def hasty() -> House:
    """A target that gathers what there is."""
    return House(Gathering(most=4, seconds=0))


SENT, QUEUED = Status.PROCESSING_BY_PLATFORM, Status.QUEUED


# -- who travels together


def test_messages_wait_until_there_are_enough(house: House) -> None:
    ids = [house.queued() for _ in range(3)]
    wait = house.advance(ids[0])
    assert wait is not None
    assert DAY - 60 < wait <= DAY
    assert house.statuses(ids) == [QUEUED] * 3
    ids.append(house.queued())
    assert house.advance(ids[3]) is None
    assert house.statuses(ids) == [SENT] * 4
    assert house.together(ids[0]) == set(ids)
    assert house.server.batches == 1


def test_one_that_the_work_list_does_not_show_yet_goes_along(house: House) -> None:
    ids = [house.queued() for _ in range(4)]
    house.server.waiting.remove(ids[3])
    house.advance(ids[3])
    assert house.statuses(ids) == [SENT] * 4


def test_what_the_work_list_still_shows_and_is_gone_does_not_count(house: House) -> None:
    ids = [house.queued() for _ in range(4)]
    house.change(ids[1], lambda d: d.cancel("a mistake"))
    house.change(ids[2], lambda d: d.suspend("a dispute"))
    assert house.advance(ids[0]) is not None
    assert house.statuses(ids) == [QUEUED, Status.CANCELLED, Status.SUSPENDED, QUEUED]


def test_a_takedown_waits_for_nobody_and_carries_nobody(house: House) -> None:
    others = [house.queued() for _ in range(4)]
    live = house.live()
    house.change(live, lambda d: d.request_takedown("rights were lost"))
    assert house.advance(live) is None
    assert house.together(live) == {live}
    assert house.statuses([live, *others]) == [SENT] + [QUEUED] * 4


def test_a_takedown_overtakes_more_than_a_batch_of_others(house: House) -> None:
    others = [house.queued() for _ in range(9)]
    live = house.live()
    house.change(live, lambda d: d.request_takedown("rights were lost"))
    house.server.waiting.append(live)  # the last in the list, which is cut off before it
    house.advance(live)
    assert house[live].status is SENT
    assert set(house.statuses(others)) == {QUEUED}


def test_takedowns_share_a_batch(hasty: House) -> None:
    ids = [hasty.live() for _ in range(3)]
    for id in ids:
        hasty.change(id, lambda d: d.request_takedown("rights were lost"))
    hasty.server.waiting += ids
    hasty.advance(ids[1])
    assert hasty.together(ids[0]) == set(ids)


def test_a_purge_goes_alone(hasty: House) -> None:
    other, live = hasty.queued(), hasty.live()
    hasty.change(live, lambda d: d.request_takedown("rights were lost"))
    hasty.advance(live)
    gone = {"sha256": "r"}
    message = hasty[live].message
    assert message is not None
    hasty.change(live, lambda d: d.acknowledge(message["id"], "removed", gone))
    hasty.change(live, lambda d: d.request_purge("uploaded by mistake", None))  # type: ignore[arg-type]
    hasty.advance(live)
    assert hasty.together(live) == {live}
    assert hasty[other].status is QUEUED


def test_releases_with_one_icpn_do_not_share_a_batch(hasty: House) -> None:
    first = hasty.queued(Icpn("5901234123457"))
    second = hasty.queued(Icpn("5901234123457"))
    hasty.advance(second)
    assert hasty.statuses([first, second]) == [QUEUED, SENT]
    hasty.advance(first)
    assert hasty.statuses([first, second]) == [SENT, SENT]


# -- nobody's trouble becomes another's


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (REFUSED, Status.NEEDS_ATTENTION),
        (NO_FILE, Status.NEEDS_ATTENTION),
        (KeyError("a fault of ours"), Status.RETRYING),
    ],
)
def test_what_cannot_be_composed_is_left_out(
    hasty: House, error: Exception, status: Status
) -> None:
    ids = [hasty.queued() for _ in range(3)]
    hasty.composing.broken[ids[1]] = error
    hasty.advance(ids[0])
    assert hasty.statuses(ids) == [SENT, status, SENT]
    assert hasty.together(ids[0]) == {ids[0], ids[2]}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NO_FILE, Status.NEEDS_ATTENTION),
        (CORRUPT, Status.RETRYING),
        (NO_WAV, Status.NEEDS_ATTENTION),
    ],
)
def test_a_broken_file_fails_its_own_release_only(
    hasty: House, error: Exception, status: Status
) -> None:
    ids = [hasty.queued() for _ in range(3)]
    hasty.server.lost[ids[1].hex] = error
    hasty.advance(ids[0])
    assert hasty.statuses(ids) == [QUEUED, status, QUEUED]
    assert [hasty[id].failures for id in ids] == [0, 1, 0]
    assert hasty.server.batches == 0


def test_a_lost_connection_counts_for_each(hasty: House) -> None:
    ids = [hasty.queued() for _ in range(3)]
    hasty.server.lost[ids[1].hex] = CUT
    hasty.advance(ids[0])
    assert hasty.statuses(ids) == [Status.RETRYING] * 3
    hasty.server.lost = {}
    hasty.advance(ids[2])
    assert hasty.statuses(ids) == [SENT] * 3
    assert hasty.composing.batches == 1, "the batch goes on as it was"


def test_each_has_its_own_count_of_failures(hasty: House) -> None:
    ids = [hasty.queued() for _ in range(2)]
    hasty.server.lost["e"] = DeliveryFailed(FailureCategory.QUOTA_EXCEEDED, "the disk is full")
    for _ in range(2):
        hasty.advance(ids[0])
    late = hasty.queued()
    hasty.change(ids[1], lambda d: d.suspend("a dispute"))  # now the batch is another one
    hasty.deliveries._patience = Patience(0, 0, 0, DAY)
    hasty.advance(ids[0])
    assert hasty.statuses([ids[0], late]) == [Status.FAILED, Status.RETRYING]


@pytest.mark.parametrize("command", ["cancel", "request_takedown"])
def test_what_is_withdrawn_under_way_stops_the_batch_and_leaves_it(
    hasty: House, command: str
) -> None:
    ids = [hasty.queued() for _ in range(3)]

    def withdraw() -> None:
        hasty.server.meanwhile = lambda: None
        hasty.change(ids[1], lambda d: getattr(d, command)("not ours"))

    hasty.server.meanwhile = withdraw
    hasty.advance(ids[0])
    assert hasty.statuses(ids) == [QUEUED, Status.CANCELLED, QUEUED]
    assert hasty.server.batches == 0
    hasty.deliveries._patience = Patience(0, 0, 0, DAY)
    hasty.advance(ids[2])
    assert hasty.statuses(ids) == [SENT, Status.CANCELLED, SENT]
    assert hasty.together(ids[0]) == {ids[0], ids[2]}
    assert hasty.server.batches == 1


def test_a_lease_that_was_taken_ends_the_attempt_for_all(hasty: House) -> None:
    ids = [hasty.queued() for _ in range(2)]

    def reclaim() -> None:
        hasty.server.meanwhile = lambda: None
        hasty.deliveries.reclaim(ids[1], hasty[ids[1]].token)

    hasty.server.meanwhile = reclaim
    hasty.advance(ids[0])
    assert hasty.statuses(ids) == [QUEUED, QUEUED]
    assert hasty.server.batches == 0
    hasty.advance(ids[1])
    assert hasty.statuses(ids) == [SENT, SENT]
    assert hasty.composing.batches == 1, "the batch goes on as it was"


def test_a_batch_waits_for_those_whose_lease_still_runs(hasty: House) -> None:
    ids = [hasty.queued() for _ in range(2)]
    token = {}
    for id in ids:  # a worker began, composed, and was killed
        hasty.change(id, lambda d: token.update({d.id: d.start_attempt("dead", d.created_on)}))
    messages = hasty.composing.lay_out([hasty[id] for id in ids])
    for id, message in zip(ids, messages, strict=True):
        hasty.change(id, lambda d, m=message: d.compose(token[d.id], m))  # type: ignore[misc]
    hasty.deliveries.reclaim(ids[0], token[ids[0]])
    late = hasty.queued()
    wait = hasty.advance(ids[0])
    assert wait is not None
    assert wait > 0
    hasty.deliveries.reclaim(ids[1], token[ids[1]])
    hasty.advance(ids[1])
    assert hasty.statuses([*ids, late]) == [SENT, SENT, QUEUED]
    assert hasty.composing.batches == 1, "the batch goes on as it was"


def test_after_a_failure_nobody_waits_the_whole_time_again(house: House) -> None:
    ids = [house.queued() for _ in range(4)]
    house.server.lost[ids[1].hex] = CUT
    house.advance(ids[0])
    assert house.statuses(ids) == [Status.RETRYING] * 4
    house.server.lost = {}
    assert house.advance(ids[3]) is None
    assert house.statuses(ids) == [SENT] * 4
