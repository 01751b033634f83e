"""Reading the answers that platforms leave as files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.application.office import CUT, Office

from deadwax.application.errors import DeliveryFailed
from deadwax.application.follow_up import FollowUp
from deadwax.application.ports import Can, RemoteFile
from deadwax.domain.cause import Cause, acting
from deadwax.domain.errors import Refused
from deadwax.domain.failures import FailureCategory

DENIED = DeliveryFailed(FailureCategory.PERMISSION_DENIED, "This one is not for you.")


class Site:
    """A target with answers that are no XML; `broken` are those that cannot be fetched."""

    can = frozenset(Can)

    def __init__(self, office: Office, **broken: DeliveryFailed) -> None:
        self.broken, self.read = broken, list[str]()
        us: Any = self
        self.said: list[str] = []
        self.follow_up = FollowUp(
            office.catalogue,
            office.assets,
            *[us] * 5,
            "worker",
            lambda what, **fields: self.said.append(what),
        )

    def connect(self, tenant_id: UUID, way: object) -> Site:
        return self

    def close(self) -> None: ...

    def list(self, folder: str) -> list[RemoteFile]:
        assert Can.LIST in self.can
        return [RemoteFile(f"{name}_2031.xml", 9) for name in "abc"]

    def fetch(self, path: str, limit: int) -> bytes:
        if failed := self.broken.get(path[0]):
            raise failed
        return path.encode()

    def read_acknowledgements(self, data: bytes) -> Any:
        raise Refused("It is no acknowledgement", [])

    def unread(self, target_id: UUID, files: Sequence[RemoteFile]) -> Sequence[RemoteFile]:
        return files

    def mark_read(self, target_id: UUID, file: RemoteFile, note: str) -> None:
        self.read.append(file.path[0])


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with acting(Cause(uuid4(), "key:test", "c")):
        yield Office(tmp_path)


def test_an_answer_that_cannot_be_fetched_does_not_hide_the_later_ones(office: Office) -> None:
    site = Site(office, a=DENIED)
    site.follow_up.poll(office.target_id)
    assert site.read == ["b", "c"]
    assert site.said == ["acknowledgement_not_fetched"]


def test_a_lost_connection_ends_the_poll(office: Office) -> None:
    site = Site(office, b=CUT)
    site.follow_up.poll(office.target_id)
    assert site.read == ["a"]
    assert site.said == ["cannot_poll"]


def test_a_protocol_without_lists_has_no_answers_to_read(office: Office) -> None:
    site = Site(office)
    site.can = frozenset({Can.LOOK})
    site.follow_up.poll(office.target_id)
    assert site.read == site.said == []
