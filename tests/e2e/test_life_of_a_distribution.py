"""What is sent over the life of a distribution, and that each message can be said again from the
log, although the release changed since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from lxml import etree
from tests.faults.rig import Rig

from deadwax.application import evidence
from deadwax.domain.choreography import Choreography
from deadwax.domain.choreography_versions import ChoreographyKind
from deadwax.domain.distribution import Distribution
from deadwax.domain.distribution_events import MessageComposed
from deadwax.domain.errors import Refused
from deadwax.domain.message_style import MessageStyle, TerritorialTakedown, UpdateForm
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.release import Release
from deadwax.domain.target import DeliveryTarget, ErnVersion
from deadwax.domain.territories import Territories, Territory
from deadwax.domain.texts import Moment, Name

ALBUM_BY_ALBUM = Choreography(kind=ChoreographyKind.RELEASE_BY_RELEASE)
WITHOUT_JAPAN = Territories(excluded=(Territory("JP"),))


@pytest.fixture
def life(rig: Rig) -> Life:
    return Life(rig)


class Life:
    """A distribution that a worker moves on when it is told to."""

    def __init__(self, rig: Rig) -> None:
        self.rig, self.container = rig, rig.container

    def begin(self, *, ern: ErnVersion = ErnVersion.V43, **style: Any) -> UUID:
        settings = replace(
            self.rig.settings(),
            ern=ern,
            choreography=ALBUM_BY_ALBUM,
            style=MessageStyle(**style),
        )
        id = self.rig.distribute(target=self.rig.open_target(settings))
        self.advance(id)  # validate
        self.advance(id)  # send
        return id

    def advance(self, id: UUID) -> dict[str, Any]:
        """One step of a worker; the message composed last."""
        self.container.deliveries.advance(id, lambda: True)
        return self.messages(id)[-1] if self.messages(id) else {}

    def wait_for(self, id: UUID, status: str) -> Distribution:
        target_id = self.rig.distribution(id).target_id

        def there() -> bool:
            self.container.follow_up.poll(target_id)
            return self.rig.distribution(id).status == status

        self.rig.wait_until(there, f"{id} is {status}")
        return self.rig.distribution(id)

    def answer(self, id: UUID, outcome: str) -> None:
        d = self.rig.distribution(id)
        with self.rig.acting():
            d.acknowledge(d.sent[-1], outcome, {"sha256": uuid4().hex, "source": "test"})
            self.container.catalogue.save(d)

    def amend(self, id: UUID, change: Callable[[ReleaseMetadata], ReleaseMetadata]) -> None:
        with self.rig.acting():
            release_id = self.rig.distribution(id).release_id
            release = self.container.catalogue.get(Release, release_id)
            self.container.releases.amend(release_id, change(release.metadata), None)

    def do(self, command: Callable[..., Any], id: UUID, *arguments: Any) -> dict[str, Any]:
        """Ask for something, and have a worker take the next step."""
        with self.rig.acting():
            command(id, *arguments)
        return self.advance(id)

    def messages(self, id: UUID) -> list[dict[str, Any]]:
        return [e.message for e in self.rig.events(id) if isinstance(e, MessageComposed)]

    def xml(self, message: dict[str, Any]) -> etree._Element:
        with self.container.asset_store.open(message["xml_sha256"]) as kept:
            return etree.fromstring(kept.read())

    def announced(self, message: dict[str, Any]) -> str:
        """The DeliveryType in the manifest of its batch."""
        with self.container.asset_store.open(message["manifest_sha256"]) as kept:
            [said] = texts(etree.fromstring(kept.read()), "MessageInBatch/DeliveryType")
        return said

    def require_rebuilt(self, id: UUID) -> None:
        for message in self.messages(id):
            rebuilt = evidence.rebuild(self.container.log, self.container.composer, message["id"])
            assert rebuilt.equal, message["kind"]


def renamed(release: ReleaseMetadata) -> ReleaseMetadata:
    return replace(release, title=Name("Renamed"))


def without_japan(release: ReleaseMetadata) -> ReleaseMetadata:
    deals = (replace(deal, territories=WITHOUT_JAPAN) for deal in release.deals)
    return replace(release, deals=tuple(deals))


def another_recording(release: ReleaseMetadata) -> ReleaseMetadata:
    one, two = release.tracks
    return replace(release, tracks=(replace(one, audio=two.audio), two))


def with_a_preview(release: ReleaseMetadata) -> ReleaseMetadata:
    one, two = release.tracks
    return replace(release, tracks=(replace(one, preview_start=2), two))


def files(message: dict[str, Any]) -> set[str]:
    return {file["role"] for file in message["files"]}


def texts(xml: etree._Element, path: str) -> list[str]:
    return [str(found.text) for found in xml.iterfind(path)]


# -- updates


def test_an_update_that_would_say_nothing_new_is_not_sent(life: Life) -> None:
    id = life.begin()
    life.answer(id, "live")
    with life.rig.acting():
        assert life.container.distributions.changes(id)[1] == []

    life.do(life.container.distributions.update, id, "just in case")

    assert life.rig.topics(id)[-1] == "distribution.update_found_unchanged"
    assert life.rig.distribution(id).status == "live"
    assert len(life.messages(id)) == 1


def test_an_update_is_sent_again_while_the_platform_has_not_accepted_the_last_message(
    life: Life,
) -> None:
    id = life.begin()

    again = life.do(life.container.distributions.update, id, "they seem to have lost it")

    assert (again["kind"], again["changes"], again["with_files"]) == ("update", [], True)


def test_an_update_of_metadata_brings_no_files_and_says_what_it_changes(life: Life) -> None:
    id = life.begin()
    life.answer(id, "accepted")
    life.amend(id, renamed)

    update = life.do(life.container.distributions.update, id, "a new title")

    assert files(update) == {"message"}
    assert update["changes"] == [{"field": "title", "before": "Tested", "after": "Renamed"}]
    assert not list(life.xml(update).iter("URI"))
    assert update["resources"] == life.messages(id)[0]["resources"] != []
    life.require_rebuilt(id)

    life.answer(id, "accepted")
    life.amend(id, lambda release: replace(release, version=Name("Remastered")))
    assert files(life.do(life.container.distributions.update, id, "and a version")) == {"message"}


@pytest.mark.parametrize(
    ("style", "change"),
    [
        pytest.param({}, another_recording, id="a file changed"),
        pytest.param({"updates": UpdateForm.FULL}, renamed, id="the target wants all of it"),
    ],
)
def test_an_update_brings_the_files(
    life: Life, style: dict[str, Any], change: Callable[[ReleaseMetadata], ReleaseMetadata]
) -> None:
    id = life.begin(**style)
    life.answer(id, "accepted")
    life.amend(id, change)

    update = life.do(life.container.distributions.update, id, "a correction")

    assert files(update) == {"message", "resource"}
    life.require_rebuilt(id)


@pytest.mark.parametrize("ern", list(ErnVersion))
def test_an_update_brings_the_files_where_else_it_could_not_say_what_changed(
    life: Life, ern: ErnVersion
) -> None:
    """Until 4.2 a preview is told with the file that it is cut from, and nowhere else."""
    id = life.begin(ern=ern)
    life.answer(id, "accepted")
    life.amend(id, with_a_preview)

    update = life.do(life.container.distributions.update, id, "a preview")

    assert texts(life.xml(update), ".//StartPoint") == ["2"]
    describes = ern in (ErnVersion.V42, ErnVersion.V43, ErnVersion.V432)
    assert update["with_files"] is not describes
    life.require_rebuilt(id)

    life.answer(id, "accepted")
    life.amend(id, renamed)
    update = life.do(life.container.distributions.update, id, "a title")
    assert update["with_files"] is False
    left_out = {path.partition("/")[2] for path in update["omitted"]}
    assert ("PreviewDetails" in left_out) is not describes


def test_an_update_brings_the_files_that_an_unanswered_message_may_have_replaced(
    life: Life,
) -> None:
    id = life.begin()
    life.answer(id, "accepted")
    life.amend(id, another_recording)
    life.do(life.container.distributions.update, id, "another take")
    life.amend(id, lambda release: replace(release, tracks=_swapped_back(life, id)))

    assert files(life.do(life.container.distributions.update, id, "the first take again")) == {
        "message",
        "resource",
    }


def _swapped_back(life: Life, id: UUID) -> tuple[Any, ...]:
    release = life.container.catalogue.as_of(Release, life.rig.distribution(id).release_id, 1)
    return tuple(release.metadata.tracks)


def test_a_setting_that_does_not_show_in_a_message_is_no_change(life: Life) -> None:
    id = life.begin()
    life.answer(id, "accepted")
    with life.rig.acting():
        target = life.container.catalogue.get(DeliveryTarget, life.rig.distribution(id).target_id)
        target.amend(replace(target.settings, platform=Name("Renamed platform")))
        life.container.catalogue.save(target)

    life.do(life.container.distributions.update, id, "settings changed")

    assert life.rig.topics(id)[-1] == "distribution.update_found_unchanged"


# -- takedowns and purges


@pytest.mark.parametrize("form", list(TerritorialTakedown))
@pytest.mark.parametrize("ern", [ErnVersion.V43, ErnVersion.V382])
def test_a_territory_that_is_no_longer_offered_is_withdrawn(
    life: Life, form: TerritorialTakedown, ern: ErnVersion
) -> None:
    id = life.begin(territorial_takedown=form, ern=ern)
    life.answer(id, "accepted")
    life.amend(id, without_japan)

    update = life.do(life.container.distributions.update, id, "not in Japan")

    assert update["withdrawn_from"] == ["JP"]
    stated = "JP" in texts(life.xml(update), "DealList//TerritoryCode")
    assert stated == (form is TerritorialTakedown.STATED)
    life.answer(id, "accepted")
    life.amend(id, renamed)
    assert life.do(life.container.distributions.update, id, "x")["withdrawn_from"] == []
    life.require_rebuilt(id)


@pytest.mark.parametrize("ern", [ErnVersion.V43, ErnVersion.V382])
def test_a_takedown_for_later_ends_the_deals(life: Life, ern: ErnVersion) -> None:
    id = life.begin(ern=ern)
    life.answer(id, "live")

    takedown = life.do(
        life.container.distributions.take_down, id, "the licence ends", Moment("2099-01-31")
    )

    ends = texts(life.xml(takedown), "DealList//ValidityPeriod/*")
    assert any(end.startswith("2099-01-") for end in ends)
    assert (takedown["kind"], takedown["ends"]) == ("takedown", "2099-01-31")
    assert takedown["proof"]["covered"]
    life.require_rebuilt(id)


def test_a_takedown_is_not_for_the_past(life: Life) -> None:
    id = life.begin()
    life.answer(id, "live")

    with pytest.raises(Refused) as refused, life.rig.acting():
        life.container.distributions.take_down(id, "x", Moment("2020-01-01"))

    assert [problem.code for problem in refused.value.problems] == ["takedown_in_the_past"]


def test_a_takedown_before_any_deal_starts_needs_a_person(life: Life) -> None:
    id = life.begin()
    life.answer(id, "accepted")
    life.amend(
        id,
        lambda release: replace(
            release, deals=tuple(replace(d, start=Moment("2099-06-01")) for d in release.deals)
        ),
    )

    life.do(life.container.distributions.take_down, id, "never", Moment("2099-01-31"))

    assert life.rig.distribution(id).status == "needs_attention"
    [problem] = life.rig.events(id)[-1].problems
    assert problem["code"] == "takedown_before_start"


@pytest.mark.parametrize("ern", [ErnVersion.V43, ErnVersion.V382])
def test_a_purge_follows_a_takedown_and_the_release_is_sent_anew_when_it_is_wanted_again(
    life: Life, ern: ErnVersion
) -> None:
    id = life.begin(ern=ern)
    life.answer(id, "live")
    takedown = life.do(life.container.distributions.take_down, id, "rights were lost")
    life.answer(id, "removed")

    icpn = life.rig.distribution(id).icpn
    purge = life.do(life.container.distributions.purge, id, "for good", icpn)

    assert etree.QName(life.xml(purge)).localname == "PurgeReleaseMessage"
    assert (purge["kind"], purge["proof"], files(purge)) == ("purge", None, {"message"})
    life.answer(id, "accepted")
    d = life.rig.distribution(id)
    assert d.status == "purged"

    with life.rig.acting():
        life.container.distributions.distribute(d.release_id, [d.target_id], None)
    life.advance(id)
    again = life.advance(id)

    first = life.messages(id)[0]
    assert (again["kind"], again["with_files"]) == ("initial", True)
    assert [f["role"] for f in again["files"]] == [f["role"] for f in first["files"]]
    assert len({m["id"] for m in (first, takedown, purge, again)}) == 4
    life.require_rebuilt(id)


def test_a_batch_announces_what_each_message_is(life: Life) -> None:
    distributions = life.container.distributions
    id = life.rig.distribute()
    life.advance(id)
    messages = [life.advance(id)]
    life.answer(id, "live")
    life.amend(id, renamed)
    messages.append(life.do(distributions.update, id, "a new title"))
    life.answer(id, "live")
    messages.append(life.do(distributions.take_down, id, "it ends", Moment("2099-01-31")))
    messages.append(life.do(distributions.take_down, id, "it ends now"))
    life.answer(id, "removed")
    d = life.rig.distribution(id)
    with life.rig.acting():
        distributions.distribute(d.release_id, [d.target_id], None)
    life.advance(id)
    messages.append(life.advance(id))

    assert [life.announced(message) for message in messages] == [
        "NewReleaseDelivery",
        "ReDelivery",
        "ReDelivery",
        "TakeDown",
        "NewReleaseDelivery",
    ]
    assert len({message["id"] for message in messages}) == 5
    assert messages[-1]["resources"] == messages[0]["resources"]
    life.require_rebuilt(id)


def test_a_purge_is_refused_where_it_cannot_be_sent(life: Life) -> None:
    id = life.rig.distribute()

    with pytest.raises(Refused) as refused, life.rig.acting():
        life.container.distributions.purge(id, "for good", "5901234123457")

    assert [problem.code for problem in refused.value.problems] == ["purge_not_in_batch"]


def test_a_platform_takes_it_all(life: Life) -> None:
    """The sandbox: it wants files for what is not live, and answers in its own time."""
    distributions = life.container.distributions
    id = life.begin()
    life.wait_for(id, "live")
    life.amend(id, renamed)
    assert files(life.do(distributions.update, id, "a new title")) == {"message"}
    life.wait_for(id, "live")
    life.do(distributions.update, id, "just in case")
    assert life.rig.distribution(id).status == "live"
    life.do(distributions.take_down, id, "rights were lost")
    removed = life.wait_for(id, "removed")
    life.do(distributions.purge, id, "for good", removed.icpn)
    life.wait_for(id, "purged")


@pytest.mark.parametrize("ern", list(ErnVersion))
def test_every_kind_of_message_is_rebuilt_in_every_version(life: Life, ern: ErnVersion) -> None:
    distributions = life.container.distributions
    id = life.begin(ern=ern, territorial_takedown=TerritorialTakedown.STATED)
    life.answer(id, "live")
    life.amend(id, renamed)
    life.do(distributions.update, id, "a new title")
    life.answer(id, "live")
    life.amend(id, without_japan)
    life.amend(id, another_recording)
    life.do(distributions.update, id, "another recording, and not in Japan")
    life.answer(id, "live")
    life.do(distributions.take_down, id, "it ends", Moment("2099-01-31T12:00:00"))
    life.do(distributions.take_down, id, "it ends now")
    life.answer(id, "removed")
    life.do(distributions.purge, id, "for good", life.rig.distribution(id).icpn)
    life.amend(id, lambda release: replace(release, title=Name("Renamed since")))

    told = [(m["kind"], m["with_files"], m["withdrawn_from"], m["ends"]) for m in life.messages(id)]
    assert told == [
        ("initial", True, [], None),
        ("update", False, [], None),
        ("update", True, ["JP"], None),
        ("takedown", True, [], "2099-01-31T12:00:00"),
        ("takedown", True, [], None),
        ("purge", True, [], None),
    ]
    assert {message["schema"] for message in life.messages(id)} == {"valid"}
    life.require_rebuilt(id)


# -- what a message stands on


def test_the_proof_of_the_rights_is_stored_with_the_message(life: Life) -> None:
    message = life.messages(life.begin())[0]

    [*lines] = message["proof"]["covered"]
    assert [line["deal"] for line in lines] == [0, 1]
    assert all(line["by"] == [{"right": 0}] for line in lines)
    assert message["proof"]["recipient"] == str(life.rig.settings().recipient.dpid)
    assert message["proof"]["uncovered"] == []
    assert message["made_with"]
    assert datetime.fromisoformat(message["created_at"]) <= datetime.now(UTC)
