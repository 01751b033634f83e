"""Files in another form: made once of each source and recipe, and found again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from deadwax.application.assets import by_kind
from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import Conflict, NotFound
from deadwax.application.media import Fraction, MediaTools, Rendered
from deadwax.application.ports import AssetStore, StoredAsset
from deadwax.domain.assets import Asset, AssetFacts
from deadwax.domain.cause import current_cause
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Sha256, asset_id
from deadwax.domain.media.recipes import COVER, AudioFormat, AudioRecipe, Recipe
from deadwax.domain.renditions import Rendition

_BLOCK = 1 << 20
_ENDINGS = {AudioFormat.AAC: "m4a"}


class Renditions:
    """Of the tenant of the current cause. Bytes are kept in the asset store before the event
    says so; of several workers that make the same at once, the first one's event stays. They are
    written below `folder`, where a worker that is killed leaves them."""

    def __init__(
        self, catalogue: Catalogue, store: AssetStore, tools: MediaTools, folder: Path
    ) -> None:
        self._catalogue, self._store, self._tools = catalogue, store, tools
        self._folder = folder

    def find(self, source: Sha256, recipe: Recipe) -> AssetFacts | None:
        """The facts of what was made, None if it was not made yet."""
        rendition = self.rendition(source, recipe)
        return rendition.facts if rendition else None

    def rendition(self, source: Sha256, recipe: Recipe) -> Rendition | None:
        id = Rendition.id_of(current_cause().tenant_id, source, recipe)
        return self._catalogue.find(Rendition, id)

    def kept(self, id: UUID) -> bool:
        """Whether it was made, and its bytes are there."""
        rendition = self._catalogue.find(Rendition, id)
        return rendition is not None and self._kept(rendition.facts.sha256)

    def make(
        self, source: Sha256, recipe: Recipe, progress: Fraction = lambda fraction: None
    ) -> AssetFacts:
        """The facts of the rendition, made now unless it was before; its bytes are in the asset
        store then. `progress` is told how much is done and may raise to stop.

        Raises NotFound for a source that the tenant does not have. Refused where the recipe is
        not for such a file, where it could not be made, or where its bytes were lost and cannot
        be made again as they were.
        """
        tenant = current_cause().tenant_id
        asset = self._catalogue.get(Asset, asset_id(tenant, source)).facts
        known = self.find(source, recipe)
        if known is not None and self._kept(known.sha256):
            return known
        self._folder.mkdir(parents=True, exist_ok=True)
        with (
            self._store.local(source) as path,
            self._cover(recipe) as cover,
            TemporaryDirectory(dir=self._folder) as folder,
        ):
            out = os.path.join(folder, "rendition")
            rendered = self._tools.render(path, recipe, out, progress, cover)
            stored = self._store.put(_blocks(out), _expecting(known))
        if known is not None:
            return known
        rendition = Rendition.make(
            tenant,
            source,
            recipe,
            _facts(asset, recipe, stored, rendered),
            encoder=rendered.encoder,
            same_samples=rendered.same_samples,
            gain_db=rendered.gain_db,
            held_by_peak=rendered.held_by_peak,
        )
        try:
            self._catalogue.save(rendition)
        except Conflict:  # another worker was first
            first = self._catalogue.find(Rendition, rendition.id)
            assert first is not None
            return first.facts
        return rendition.facts

    def _cover(self, recipe: Recipe) -> AbstractContextManager[str | None]:
        if isinstance(recipe, AudioRecipe) and recipe.cover is not None:
            return self._store.local(self.make(recipe.cover, COVER).sha256)
        return nullcontext()

    def _kept(self, sha256: str) -> bool:
        try:
            self._store.open(sha256).close()
        except NotFound:
            return False
        return True


def _facts(
    asset: AssetFacts, recipe: Recipe, stored: StoredAsset, rendered: Rendered
) -> AssetFacts:
    ending = "jpg"
    if isinstance(recipe, AudioRecipe):
        ending = _ENDINGS.get(recipe.format, recipe.format.value)
    return AssetFacts(
        sha256=stored.sha256,
        md5=stored.md5,
        size=stored.size,
        filename=f"{os.path.splitext(asset.filename)[0]}.{ending}",
        **by_kind(rendered.facts),
    )


def _expecting(known: AssetFacts | None) -> Callable[[StoredAsset, str], None]:
    """What was told of before must come out the same: messages and receipts name it."""

    def check(stored: StoredAsset, path: str) -> None:
        if known is not None and stored.sha256 != known.sha256:
            raise Refused(
                "The rendition was not made again",
                [
                    Problem(
                        "rendition_differs",
                        "recipe",
                        f"Its bytes {known.sha256} are lost from the asset store, and made again"
                        f" now they are {stored.sha256}.",
                        "Restore the asset store from a backup, or ask for another recipe.",
                    )
                ],
            )

    return check


def _blocks(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            yield block
