"""A log as a label fills it: albums of 12 tracks, each delivered to several platforms."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from tests.projections.histories import SETTINGS

from deadwax.domain.aggregate import Event
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist
from deadwax.domain.plain import from_plain
from deadwax.domain.release import Release
from deadwax.domain.target import DeliveryTarget, TargetSettings
from deadwax.domain.texts import Name
from deadwax.domain.tracks import Track
from deadwax.domain.vocabulary import ArtistRole

TARGETS, TRACKS = 5, 12


def commands() -> Iterator[list[Event]]:
    """The events of one command after the other, without end; about 10 per distribution."""
    tenant, numbers = uuid4(), count(1)
    with acting(Cause(tenant, "key:1", "setup")):
        settings = from_plain(TargetSettings, SETTINGS)
        targets = [DeliveryTarget.open(uuid4(), settings) for _ in range(TARGETS)]
        yield from (list(target.collect_events()) for target in targets)
    for number in numbers:
        with acting(Cause(tenant, "key:1", str(uuid4()), str(uuid4()))):
            yield from _album(number, targets)


def _album(number: int, targets: list[DeliveryTarget]) -> Iterator[list[Event]]:
    metadata = ReleaseMetadata(
        title=Name(f"Album {number}"),
        artists=(Artist(name=Name("Artist"), role=ArtistRole.MAIN),),
        tracks=tuple(Track(number=n + 1, title=Name(f"Track {n}")) for n in range(TRACKS)),
    )
    release = Release.draft(uuid4(), metadata)
    yield list(release.collect_events())
    distributions = [Distribution.request(release.id, t.id, "test", None) for t in targets]
    yield [event for d in distributions for event in d.collect_events()]
    for d in distributions:
        for step in _delivery(d):
            step()
            yield list(d.collect_events())


def _delivery(d: Distribution) -> Iterator[Any]:
    now = datetime.now(UTC)
    digest = hashlib.sha256(d.id.bytes).hexdigest()
    files = [
        {"path": f"20250102030405678/{d.id}/resources/{n:02}.wav", "sha256": digest, "size": 10**7}
        for n in range(TRACKS + 3)
    ]
    message = {"id": str(d.id), "kind": "initial", "files": files, "xml_sha256": digest}
    evidence = {
        "endpoint": "sftp://sftp.example.com:22",
        "host_key": "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGe1qQvBaaq0NRc0v4E",
        "files": files,
        "bytes": 10**8,
        "seconds": "12.345",
    }
    said = {"source": "ddex_acknowledgement", "path": "acknowledgements/1.xml", "sha256": digest}
    yield d.start_validation
    yield lambda: d.pass_validation(now)
    yield lambda: d.start_attempt("worker@host:1", now + timedelta(seconds=60))
    yield lambda: d.compose(d.token, message)
    yield lambda: d.start_upload(d.token)
    yield lambda: d.start_publishing(d.token)
    yield lambda: d.confirm_sent(d.token, evidence, expects_answer=True)
    yield lambda: d.acknowledge(message["id"], "accepted", said)
    yield lambda: d.acknowledge(message["id"], "live", said | {"sha256": digest[::-1]})
