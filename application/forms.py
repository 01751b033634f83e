"""The files of a release in the form in which they are delivered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from deadwax.domain.assets import AssetFacts
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Sha256
from deadwax.domain.media.findings import Severity
from deadwax.domain.media.form import Form
from deadwax.domain.media.judging.judge import findings
from deadwax.domain.media.kept import facts_to_judge
from deadwax.domain.media.limits import MediaLimits, limits_of
from deadwax.domain.media.recipes import Recipe
from deadwax.domain.media_rules import limits_of_attached
from deadwax.domain.metadata import NamedFile, ReleaseMetadata
from deadwax.domain.renditions import Rendition
from deadwax.domain.tracks import Track
from deadwax.domain.vocabulary import AssetKind

_STOPS = (Severity.BLOCK, Severity.FIX)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A rendition that a form asks for: of the file that the release names in `field`, by the
    recipe called `name`."""

    field: str
    source: Sha256
    name: str
    recipe: Recipe


class RenditionMissing(Refused):
    """A worker makes it before the delivery."""

    def __init__(self, missing: list[Wanted]) -> None:
        self.missing = tuple(missing)
        super().__init__(
            "Files are not in the form that the target wants yet",
            [
                Problem(
                    "rendition_missing",
                    one.field,
                    f"The file was not rendered as {one.name} yet.",
                    "A worker makes it before the delivery; or ask for the rendition first.",
                )
                for one in missing
            ],
        )


@dataclass(frozen=True, kw_only=True)
class Files:
    """`release` names the files that are delivered, whose facts `assets` holds by SHA-256;
    `judged` what is known of each."""

    release: ReleaseMetadata
    assets: Mapping[str, AssetFacts]
    judged: tuple[tuple[NamedFile, AssetFacts], ...]

    def require_within(self, limits: MediaLimits) -> None:
        """Refused names everything by which a file breaks the limits of its platform. What was
        taken in before files were measured is not judged, what is attached only by the limits for
        such files."""
        problems = [
            Problem(finding.code, file.field, finding.message, finding.fix)
            for file, facts in self.judged
            if facts.analysis is not None
            for finding in findings(facts, _limits(file, limits))
            if finding.severity in _STOPS
        ]
        if problems:
            raise Refused("The platform does not take the files as they would be", problems)


def wanted(release: ReleaseMetadata, form: Form) -> list[Wanted]:
    """Audio of tracks, cover and attached pictures. An immersive edition has one form only."""
    return list(_wanted(release, form))


def _wanted(release: ReleaseMetadata, form: Form) -> Iterator[Wanted]:
    if form.is_as_uploaded:
        return
    for file in release.files():
        name = _name(file, form)
        if name is not None:
            recipe = form.image_recipe if file.kind is AssetKind.IMAGE else form.audio_recipe
            assert recipe is not None
            yield Wanted(field=file.field, source=file.sha256, name=name, recipe=recipe)


def _name(file: NamedFile, form: Form) -> str | None:
    if not _has_forms(file):
        return None
    return form.artwork if file.kind is AssetKind.IMAGE else form.audio


def _has_forms(file: NamedFile) -> bool:
    """Videos and texts have none but their own, nor have immersive editions."""
    if file.kind is AssetKind.AUDIO:
        return not file.field.endswith(".immersive.audio")
    return file.kind is AssetKind.IMAGE


def files_of(
    release: ReleaseMetadata,
    assets: Mapping[str, AssetFacts],
    renditions: Mapping[str, Rendition],
) -> Files:
    """`renditions` by their sources; files without one are delivered as they were uploaded."""
    judged = []
    for file in release.files():
        source = assets.get(file.sha256)
        rendition = renditions.get(file.sha256) if _has_forms(file) else None
        if source is not None:
            judged.append((file, facts_to_judge(source, rendition) if rendition else source))
    return Files(
        release=_in_form(release, {source: r.facts for source, r in renditions.items()}),
        assets={**assets, **{r.facts.sha256: r.facts for r in renditions.values()}},
        judged=tuple(judged),
    )


def _limits(file: NamedFile, of_platform: MediaLimits) -> MediaLimits:
    attached = limits_of_attached(file)
    return limits_of(attached) if attached else of_platform


def _in_form(release: ReleaseMetadata, made: Mapping[str, AssetFacts]) -> ReleaseMetadata:
    if not made:
        return release

    def instead(sha256: Sha256 | None) -> Sha256 | None:
        facts = made.get(sha256) if sha256 else None
        return Sha256(facts.sha256) if facts else sha256

    def track(one: Track) -> Track:
        return replace(one, audio=instead(one.audio)) if one.audio else one

    return replace(
        release,
        cover=instead(release.cover),
        tracks=tuple(track(one) for one in release.tracks),
        attachments=tuple(replace(one, file=instead(one.file)) for one in release.attachments),
    )
