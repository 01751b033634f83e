"""Reports of platforms, as a worker reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.application.office import Office

from deadwax.application.notices import Notices
from deadwax.domain.cause import Cause, acting
from deadwax.domain.notice import Channel, Notice, NoticeStatus


def test_a_report_on_which_its_reader_breaks_is_told_of_and_not_read_for_ever(
    tmp_path: Path,
) -> None:
    def breaks(*_: object) -> Any:
        raise IndexError("secret words")

    with acting(Cause(uuid4(), "key:test", "c")):
        office = Office(tmp_path)
        nobody: Any = None
        notices = Notices(office.catalogue, office.assets, nobody, {Channel.MAIL: breaks}, "worker")
        received, _ = notices.receive(
            office.target_id, Channel.MAIL, "1", b"?", name="A mail", media_type="message/rfc822"
        )
        notices.read(received.id)
        notice = office.catalogue.get(Notice, received.id)
        assert notice.status is not NoticeStatus.RECEIVED
        told = notice.last_event.problems  # type: ignore[attr-defined]
        assert [problem["code"] for problem in told] == ["internal_error"]
        assert "secret" not in str(told)
