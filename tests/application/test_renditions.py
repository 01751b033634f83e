"""Renditions are made once, found again, and never other bytes than were told of."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PIL import Image
from tests.application.test_batches import MemoryLog
from tests.material import recording

from deadwax.application.assets import by_kind
from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import NotFound, Stopped
from deadwax.application.media import Fraction, Picture, Rendered
from deadwax.application.rendition_orders import RenditionOrders
from deadwax.application.renditions import Renditions
from deadwax.domain.aggregate import Event
from deadwax.domain.assets import Asset, AssetFacts, Facts
from deadwax.domain.cause import Cause, acting
from deadwax.domain.errors import Refused
from deadwax.domain.identifiers import Sha256
from deadwax.domain.media.measured import Analysis
from deadwax.domain.media.recipes import AUDIO_RECIPES, IMAGE_RECIPES, AudioRecipe, Recipe
from deadwax.domain.rendition_orders import OrderState, RenditionOrder
from deadwax.domain.renditions import Rendition
from deadwax.infrastructure.event_log.codec import encode
from deadwax.infrastructure.media.audio.reading import open_audio
from deadwax.infrastructure.media.recognise import recognise
from deadwax.infrastructure.media.render import audio, image
from deadwax.infrastructure.storage.local import LocalAssets

TENANT = uuid4()
FLAC, OPUS = AUDIO_RECIPES["flac"], AUDIO_RECIPES["opus_192"]


class Log(MemoryLog):
    def append(self, events: Sequence[Event]) -> int:
        for event in events:
            encode(event)  # raises for what a database would not keep as it is
        return super().append(events)

    def load_all(self, stream_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Event]]:
        return {id: found for id in stream_ids if (found := self.load(id))}


class Tools:
    """The renderers in this process; `before` is told of each call."""

    def __init__(self) -> None:
        self.made: list[Recipe] = []
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[str], None] = lambda out: None

    def render(
        self, path: str, recipe: Recipe, out: str, progress: Fraction, cover: str | None = None
    ) -> Rendered:
        self.made.append(recipe)
        before, self.before = self.before, lambda: None
        before()
        if isinstance(recipe, AudioRecipe):
            made = audio.render(path, recipe, out, progress, cover)
        else:
            made = image.render(path, recipe, out, progress)
        self.after(out)
        return made

    def recognise(self, path: str, filename: str) -> Facts:
        return recognise(path, filename)

    def analyse(self, path: str, filename: str, facts: Facts, progress: Fraction) -> Analysis:
        raise AssertionError

    def picture(self, path: str, picture: Picture) -> bytes:
        raise AssertionError


class UnderWay:
    def __init__(self) -> None:
        self.done: dict[UUID, float] = {}

    def begin(self, asset_id: UUID, worker: str) -> bool:
        self.done[asset_id] = 0.0
        return True

    def show(self, asset_id: UUID, worker: str, done: float) -> None:
        self.done[asset_id] = done

    def end(self, asset_id: UUID, worker: str) -> None:
        self.done.pop(asset_id, None)

    def of(self, asset_id: UUID) -> float | None:
        return self.done.get(asset_id)


class Desk:
    """A tenant's renditions, with everything around them."""

    def __init__(self, root: Path) -> None:
        self.root, self.log, self.tools, self.under_way = root, Log(), Tools(), UnderWay()
        self.catalogue, self.store = Catalogue(self.log), LocalAssets(root)
        self.renditions = Renditions(self.catalogue, self.store, self.tools, root / "renditions")
        self.held: set[UUID] = set()
        self.orders = RenditionOrders(
            self.catalogue, self.renditions, self._exclusive, self.under_way, "worker"
        )

    @contextmanager
    def _exclusive(self, id: UUID) -> Iterator[bool]:
        yield id not in self.held

    def upload(self, data: bytes, filename: str) -> Sha256:
        stored = self.store.put([data])
        with self.store.local(stored.sha256) as path:
            facts = recognise(path, filename)
        known = {"sha256": stored.sha256, "md5": stored.md5, "size": stored.size}
        asset = AssetFacts(**known, filename=filename, **by_kind(facts))  # type: ignore[arg-type]
        self.catalogue.save(Asset.store(TENANT, asset))
        return Sha256(stored.sha256)

    def events(self, source: Sha256, recipe: Recipe) -> Sequence[Event]:
        return self.log.load(Rendition.id_of(TENANT, source, recipe))

    def advance(self, source: Sha256, recipe: Recipe) -> None:
        """As a worker does, which acts for nobody yet."""
        id = Rendition.id_of(TENANT, source, recipe)
        self.orders.advance(RenditionOrder.id_of(id), lambda: True)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with acting(Cause(TENANT, "key:1", "request-1")):
        yield Desk(tmp_path / "assets")


@pytest.fixture
def track(desk: Desk) -> Sha256:
    return desk.upload(recording(seconds=0.5, format="WAV"), "01.wav")


def _code(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.problems[0].code


# -- made once


def test_a_rendition_is_made_once_and_found_again(desk: Desk, track: Sha256) -> None:
    assert desk.renditions.find(track, FLAC) is None

    made = desk.renditions.make(track, FLAC)

    assert desk.renditions.make(track, FLAC) == made == desk.renditions.find(track, FLAC)
    assert len(desk.tools.made) == 1
    assert made.filename == "01.flac"
    with desk.store.local(made.sha256) as path, open_audio(path) as kept:
        assert (kept.bits, kept.sampling_rate, kept.frames) == (16, 44_100, 22_050)
    rendition = desk.catalogue.get(Rendition, Rendition.id_of(TENANT, track, FLAC))
    assert (rendition.same_samples, rendition.source) == (True, track)
    assert rendition.recipe == FLAC


def test_recipes_that_say_the_same_are_one(desk: Desk, track: Sha256) -> None:
    whole, fraction = replace(FLAC, loudness=-20), replace(FLAC, loudness=-20.0)

    desk.renditions.make(track, whole)

    assert desk.renditions.find(track, fraction) is not None
    assert desk.renditions.find(track, replace(FLAC, loudness=-20.5)) is None


def test_of_two_workers_at_once_the_first_one_stays(desk: Desk, track: Sha256) -> None:
    first: list[AssetFacts] = []
    desk.tools.before = lambda: first.append(desk.renditions.make(track, FLAC))

    second = desk.renditions.make(track, FLAC)

    assert len(desk.tools.made) == 2
    assert [second] == first
    assert len(desk.events(track, FLAC)) == 1


def test_lost_bytes_are_made_again_where_they_come_out_the_same(desk: Desk, track: Sha256) -> None:
    made = desk.renditions.make(track, OPUS)
    _lose(desk, made.sha256)

    assert desk.renditions.make(track, OPUS) == made

    with desk.store.open(made.sha256) as file:
        assert len(file.read()) == made.size
    assert len(desk.events(track, OPUS)) == 1


def test_other_bytes_do_not_take_the_place_of_lost_ones(desk: Desk, track: Sha256) -> None:
    """Messages and receipts name what was made first."""
    made = desk.renditions.make(track, OPUS)
    _lose(desk, made.sha256)
    before = sorted(path.name for path in desk.root.rglob("*") if path.is_file())
    desk.tools.after = lambda out: Path(out).write_bytes(b"by another encoder")

    with pytest.raises(Refused) as refused:
        desk.renditions.make(track, OPUS)

    assert _code(refused) == "rendition_differs"
    assert made.sha256 in refused.value.problems[0].message
    assert sorted(path.name for path in desk.root.rglob("*") if path.is_file()) == before


def test_nothing_is_left_of_a_rendition_that_was_stopped(desk: Desk, track: Sha256) -> None:
    def stop(done: float) -> None:
        raise Stopped("now")

    before = sorted(desk.root.rglob("*"))
    with pytest.raises(Stopped):
        desk.renditions.make(track, FLAC, stop)

    assert sorted(path for path in desk.root.rglob("*") if path.is_file()) == [
        path for path in before if path.is_file()
    ]
    assert desk.events(track, FLAC) == []


def test_a_cover_is_embedded_as_its_own_rendition(desk: Desk, track: Sha256) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (1200, 1200), "teal").save(picture, "PNG")
    cover = desk.upload(picture.getvalue(), "cover.png")

    made = desk.renditions.make(track, replace(FLAC, cover=cover))

    embedded = desk.renditions.find(cover, IMAGE_RECIPES["jpeg_1000"])
    assert embedded
    assert embedded.image
    assert embedded.image.width == 1000
    with desk.store.open(embedded.sha256) as jpeg, desk.store.open(made.sha256) as flac:
        assert jpeg.read() in flac.read()


def test_of_another_tenant_there_is_nothing(desk: Desk, track: Sha256) -> None:
    with acting(Cause(uuid4(), "key:2", "request-2")), pytest.raises(NotFound):
        desk.renditions.make(track, FLAC)


# -- asked for


def test_what_is_asked_for_waits_until_a_worker_made_it(desk: Desk, track: Sha256) -> None:
    asked, position = desk.orders.ask(track, FLAC)
    again, nothing = desk.orders.ask(track, FLAC)
    assert (asked.state, asked.rendition, asked.progress) == (OrderState.WAITING, None, None)
    assert position > 0
    assert (again, nothing) == (asked, 0)

    desk.advance(track, FLAC)
    desk.advance(track, FLAC)  # a message that came twice

    made = desk.orders.get(track, asked.id)
    assert made.state is OrderState.MADE
    assert made.rendition
    assert made.rendition.facts == desk.renditions.find(track, FLAC)
    assert desk.orders.ask(track, FLAC) == (made, 0)
    assert len(desk.tools.made) == 1


def test_progress_is_seen_while_it_is_made(desk: Desk, track: Sha256) -> None:
    asked, _ = desk.orders.ask(track, FLAC)
    seen: list[float | None] = []
    desk.tools.after = lambda out: seen.append(desk.orders.get(track, asked.id).progress)

    desk.advance(track, FLAC)

    assert seen == [1.0]
    assert desk.orders.get(track, asked.id).progress is None


def test_what_another_worker_makes_is_left_to_it(desk: Desk, track: Sha256) -> None:
    asked, _ = desk.orders.ask(track, FLAC)
    desk.held.add(asked.id)

    desk.advance(track, FLAC)

    assert desk.orders.get(track, asked.id).state is OrderState.WAITING
    assert desk.tools.made == []


def test_why_it_cannot_be_made_is_told_and_asking_again_tries_again(
    desk: Desk, track: Sha256
) -> None:
    with desk.store.open(desk.renditions.make(track, OPUS).sha256) as file:
        lossy = desk.upload(file.read(), "01.opus")
    asked, _ = desk.orders.ask(lossy, FLAC)

    desk.advance(lossy, FLAC)

    refused = desk.orders.get(lossy, asked.id)
    assert (refused.state, refused.problems[0].code) == (OrderState.REFUSED, "rendition_of_lossy")
    again, position = desk.orders.ask(lossy, FLAC)
    assert (again.state, again.problems) == (OrderState.WAITING, ())
    assert position > 0


def test_a_worker_that_is_stopped_leaves_the_order_waiting(desk: Desk, track: Sha256) -> None:
    asked, _ = desk.orders.ask(track, FLAC)

    with pytest.raises(Stopped):
        desk.orders.advance(RenditionOrder.id_of(asked.id), lambda: False)

    assert desk.orders.get(track, asked.id).state is OrderState.WAITING
    desk.advance(track, FLAC)
    assert desk.orders.get(track, asked.id).state is OrderState.MADE


def test_bytes_that_were_lost_can_be_asked_for(desk: Desk, track: Sha256) -> None:
    desk.orders.ask(track, FLAC)
    desk.advance(track, FLAC)
    made = desk.renditions.find(track, FLAC)
    assert made
    _lose(desk, made.sha256)

    asked, position = desk.orders.ask(track, FLAC)
    desk.advance(track, FLAC)

    assert (asked.state, position > 0) == (OrderState.WAITING, True)
    assert desk.orders.get(track, asked.id).state is OrderState.MADE
    desk.store.open(made.sha256).close()


def test_a_source_that_was_lost_is_told(desk: Desk, track: Sha256) -> None:
    asked, _ = desk.orders.ask(track, FLAC)
    _lose(desk, track)

    desk.advance(track, FLAC)

    refused = desk.orders.get(track, asked.id)
    assert (refused.state, refused.problems[0].code) == (OrderState.REFUSED, "file_lost")


@pytest.mark.parametrize(
    "recipe",
    [IMAGE_RECIPES["jpeg_500"], replace(FLAC, cover=Sha256("0" * 64))],
    ids=["image recipe", "no such cover"],
)
def test_a_recipe_for_another_kind_of_file_is_refused_at_once(
    recipe: Recipe, desk: Desk, track: Sha256
) -> None:
    with pytest.raises((Refused, NotFound)):
        desk.orders.ask(track, recipe)

    assert desk.log.load(RenditionOrder.id_of(Rendition.id_of(TENANT, track, recipe))) == []


def test_an_order_is_not_found_by_another_source(desk: Desk, track: Sha256) -> None:
    asked, _ = desk.orders.ask(track, FLAC)

    with pytest.raises(NotFound):
        desk.orders.get(Sha256("1" * 64), asked.id)


def _lose(desk: Desk, sha256: str) -> None:
    shutil.rmtree(desk.root / sha256[:2] / sha256[2:4])
