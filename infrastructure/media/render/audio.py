"""Audio in another form, as a recipe says; always streamed, however long it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import log10

import numpy as np

from deadwax.application.media import Fraction, Rendered
from deadwax.domain.media.recipes import AudioFormat, AudioRecipe
from deadwax.infrastructure.media import ffmpeg
from deadwax.infrastructure.media.audio.header import Header
from deadwax.infrastructure.media.audio.reading import open_audio
from deadwax.infrastructure.media.recognise import recognise
from deadwax.infrastructure.media.render import lossless, lossy, m4a, signal, tags
from deadwax.infrastructure.media.render.dither import Quantiser
from deadwax.infrastructure.media.render.level import CEILING_DBTP, Level, level_for, measured
from deadwax.infrastructure.media.render.passes import Passes
from deadwax.infrastructure.media.render.plan import Plan, planned, refused
from deadwax.infrastructure.media.render.signal import Floats

_MOST_LEVELS = 4
Write = Callable[[Floats], object]


def render(
    path: str,
    recipe: AudioRecipe,
    out: str,
    progress: Fraction = lambda fraction: None,
    cover: str | None = None,
) -> Rendered:
    """Write the audio at `path` to `out`, where nothing stands yet; `cover` is the path of the
    JPEG to embed. The same bytes and recipe give the same result.

    Refused (`rendition_*`) where the recipe is not for such a source, the source is damaged, or
    the result does not hold what was written."""
    with open_audio(path) as source:
        plan = planned(source.header, recipe)
        _check_preview(source.header, recipe)
    level = Level()
    passes = Passes(progress, 1 + (plan.bits is not None) + (recipe.loudness is not None))
    if plan.exact:
        _copy(path, plan, out, passes, cover)
    else:
        level = _convert(path, plan, out, passes, cover)
    facts = recognise(out, os.path.basename(out))
    return Rendered(
        facts=facts,
        encoder=lossless.ENCODER if recipe.format.lossless else lossy.encoder(ffmpeg.binary()),
        same_samples=plan.exact,
        gain_db=round(level.gain_db, 3),
        held_by_peak=level.held_by_peak,
    )


def _check_preview(header: Header, recipe: AudioRecipe) -> None:
    start = recipe.start or 0
    if recipe.length is None or header.frames is None:
        return
    if start * header.sampling_rate >= header.frames:
        raise refused(
            "rendition_preview_start",
            f"The preview begins at {start} s, the audio ends before.",
            "Choose an earlier start.",
        )


def _copy(path: str, plan: Plan, out: str, passes: Passes, cover: str | None) -> None:
    """The samples as they are."""
    with (
        _labelled(plan, out, cover) as bare,
        open_audio(path) as source,
        lossless.writing(bare, plan) as writer,
    ):
        for block in lossless.whole(source, passes.next()):
            writer.write(block)
    lossless.prove(out, plan, writer.written(), passes.next())


def _convert(path: str, plan: Plan, out: str, passes: Passes, cover: str | None) -> Level:
    """Through floating point, at a level at which nothing exceeds full scale."""
    level, target = Level(), plan.recipe.loudness
    if target is not None:
        whole = _blocks(path, plan, 1.0, passes.next(), preview=False)
        level = level_for(*measured(whole, plan.channels, plan.sampling_rate), target)
    for _ in range(_MOST_LEVELS):
        blocks = _blocks(path, plan, level.gain, passes.next(), preview=True)
        if plan.bits is None:
            above = _write_lossy(blocks, plan, out, cover)
        else:
            above = _write_lossless(blocks, plan, out, passes, cover)
        if above <= 0.0:
            return level
        os.unlink(out)
        level = level.held(above)
    raise refused(
        "rendition_level", "The encoder adds to the peaks without end.", "Choose another format."
    )


def _blocks(
    path: str, plan: Plan, gain: float, progress: Fraction, *, preview: bool
) -> Iterator[Floats]:
    recipe, rate = plan.recipe, plan.source_rate
    with open_audio(path) as source:
        blocks = signal.floats(lossless.whole(source, progress))
        cut = preview and recipe.length is not None
        if cut:
            assert recipe.length is not None
            blocks = signal.cut(blocks, (recipe.start or 0) * rate, recipe.length * rate)
        blocks = signal.resampled(blocks, plan.channels, rate, plan.sampling_rate)
        blocks = signal.amplified(blocks, gain)
        if cut and recipe.fade:
            blocks = signal.faded(blocks, round(recipe.fade * plan.sampling_rate))
        yield from blocks


def _write_lossless(
    blocks: Iterator[Floats], plan: Plan, out: str, passes: Passes, cover: str | None
) -> float:
    assert plan.bits is not None
    quantise = Quantiser(plan.bits)
    with _labelled(plan, out, cover) as bare, lossless.writing(bare, plan) as writer:
        above = _write(blocks, lambda block: writer.write(quantise(block)))
    if above <= 0.0:
        lossless.prove(out, plan, writer.written(), passes.next())
    return above


def _write_lossy(blocks: Iterator[Floats], plan: Plan, out: str, cover: str | None) -> float:
    """Where the loudness was asked for, the peaks that count are those that come out again."""
    recipe = plan.recipe
    with tags.inputs(recipe, cover) as labels, lossy.encoding(out, plan, labels) as pipe:
        above = _write(blocks, lambda block: pipe.write(block.astype("<f4").tobytes()))
    if recipe.format is AudioFormat.AAC and recipe.tags:
        m4a.add(out, recipe.tags)
    if above > 0.0 or recipe.loudness is None:
        return above
    with open_audio(out) as made:
        decoded = signal.floats(made.blocks(lossless.BLOCK))
        _, peak = measured(decoded, made.channels, made.sampling_rate)
    return 0.0 if peak is None else max(0.0, peak - CEILING_DBTP)


def _write(blocks: Iterator[Floats], write: Write) -> float:
    """By how many dB the highest sample is above full scale, which no file should have to cut
    off: from there on nothing more is written."""
    highest = 0.0
    for block in blocks:
        highest = max(highest, float(np.abs(block).max(initial=0.0)))
        if highest <= 1.0:
            write(block)
    return max(0.0, 20 * log10(highest)) if highest else 0.0


@contextmanager
def _labelled(plan: Plan, out: str, cover: str | None) -> Iterator[str]:
    """Where to write the audio: `out`, or beside it, to be labelled on the way there."""
    if not plan.recipe.tags and not cover:
        yield out
        return
    bare = f"{out}.bare"
    try:
        yield bare
        with tags.inputs(plan.recipe, cover) as labels:
            copied = ["-c:a", "copy", "-fflags", "+bitexact", "-f", "flac", f"file:{out}"]
            ffmpeg.run([*ffmpeg.source(bare, "flac"), *labels.options(), *copied])
    finally:
        if os.path.exists(bare):
            os.unlink(bare)
