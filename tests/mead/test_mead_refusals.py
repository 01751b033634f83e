"""Each rule refuses what it is about, names the field, and nothing is built."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deadwax.application.companions import CompanionSpec
from deadwax.domain.enrichment import Enrichment, PriorityPeriod
from deadwax.domain.enrichment_terms import Focus, LocalText, Term
from deadwax.domain.errors import Refused
from deadwax.domain.identifiers import Isrc
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.party_enrichment import PartyNameType, When
from deadwax.domain.territories import Territory
from deadwax.domain.texts import Language, Moment, Name, Paragraph, PartialDate
from deadwax.infrastructure.mead.builder import DdexEnrichments

Change = Callable[[CompanionSpec], CompanionSpec]

MEAD = Path(__file__).parents[2] / "infrastructure" / "mead"
ENGLISH = Language("en")
WORDS = (
    LocalText(language=ENGLISH, text=Paragraph("One")),
    LocalText(language=ENGLISH, text=Paragraph("Two")),
)
OTHER = Isrc("GBAYE6900001")


def spec_with(**values: Any) -> Change:
    return lambda spec: replace(spec, **values)


def release_with(**values: Any) -> Change:
    return lambda spec: replace(spec, release=replace(spec.release, **values))


def enrichment(change: Callable[[Enrichment], Enrichment]) -> Change:
    def changed(spec: CompanionSpec) -> CompanionSpec:
        assert spec.release.enrichment is not None
        return release_with(enrichment=change(spec.release.enrichment))(spec)

    return changed


def release(**values: Any) -> Change:
    """The release's own entry, changed."""

    def changed(said: Enrichment) -> Enrichment:
        assert said.release is not None
        return replace(said, release=replace(said.release, **values))

    return enrichment(changed)


def release_first(field: str, **values: Any) -> Change:
    """The first item of a field of the release's entry, changed."""

    def changed(said: Enrichment) -> Enrichment:
        first, *rest = getattr(said.release, field)
        assert said.release is not None
        items = (replace(first, **values), *rest)
        return replace(said, release=replace(said.release, **{field: items}))

    return enrichment(changed)


def track(**values: Any) -> Change:
    return enrichment(
        lambda said: replace(said, tracks=(replace(said.tracks[0], **values), *said.tracks[1:]))
    )


def group(**values: Any) -> Change:
    return enrichment(
        lambda said: replace(said, parties=(replace(said.parties[0], **values), *said.parties[1:]))
    )


def group_first(field: str, **values: Any) -> Change:
    def changed(said: Enrichment) -> Enrichment:
        party = said.parties[0]
        first, *rest = getattr(party, field)
        party = replace(party, **{field: (replace(first, **values), *rest)})
        return replace(said, parties=(party, *said.parties[1:]))

    return enrichment(changed)


def twice(field: str) -> Change:
    return enrichment(lambda said: replace(said, **{field: getattr(said, field) * 2}))


NOT_DDEX = (Term(value=Name("Blimey")),)
USER_DEFINED = Term(value=Name("UserDefined"))
BACKWARDS = {"start": PartialDate("2001-05"), "end": PartialDate("2001-04")}

R, T, P = "enrichment.release", "enrichment.tracks[0]", "enrichment.parties[0]"
CASES: list[tuple[str, str, Change]] = [
    ("message_id_missing", "message_id", spec_with(message_id=" ")),
    ("thread_id_missing", "thread_id", spec_with(thread_id="")),
    (
        "created_at_without_zone",
        "created_at",
        lambda spec: replace(spec, created_at=spec.created_at.replace(tzinfo=None)),
    ),
    ("character_not_allowed", "title", release_with(title=Name("A\ufffe"))),
    (
        "character_not_allowed",
        f"{T}.lyrics[0].text",
        lambda spec: _with_lyrics("\ud800", spec),
    ),
    ("character_not_allowed", "message_id", spec_with(message_id="a\x00")),
    ("release_id_missing", "icpn", release_with(icpn=None, grid=None)),
    ("language_missing", "language", release_with(language=None)),
    ("text_blank", f"{R}.notes[0].texts[0].text", lambda spec: _with_note("\n ", spec)),
    ("text_missing", f"{R}.notes[0].texts", release_first("notes", texts=())),
    ("text_missing", f"{R}.similar[0].why", release_first("similar", why=())),
    ("text_missing", f"{P}.biography.texts", lambda spec: _with_biography((), spec)),
    ("text_language_twice", f"{R}.notes[0].texts[1].language", release_first("notes", texts=WORDS)),
    (
        "text_language_twice",
        f"{R}.influenced_by[0].description[1].language",
        release_first("influenced_by", description=WORDS),
    ),
    ("text_language_twice", f"{P}.notes[0].texts[1].language", group_first("notes", texts=WORDS)),
    (
        "territories_contradict",
        f"{R}.moods[0].territories",
        release_first("moods", territories=(Territory("Worldwide"), Territory("DE"))),
    ),
    (
        "territories_contradict",
        f"{R}.notes[0].territories",
        release_first("notes", territories=(Territory("DE"), Territory("DE"))),
    ),
    (
        "territories_contradict",
        f"{P}.focus[0].territories",
        group_first("focus", territories=(Territory("Worldwide"), Territory("DE"))),
    ),
    (
        "period_reversed",
        f"{R}.priority.end",
        release(priority=PriorityPeriod(start=date(2026, 2, 1), end=date(2026, 1, 31))),
    ),
    (
        "period_reversed",
        f"{T}.focus[0].end",
        track(focus=(Focus(start=Moment("2026-02-01"), end=Moment("2026-02-01")),)),
    ),
    ("period_reversed", f"{P}.aliases[0].end", group_first("aliases", **BACKWARDS)),
    ("period_reversed", f"{P}.related[0].end", group_first("related", **BACKWARDS)),
    (
        "period_reversed",
        f"{P}.events[0].end",
        group_first(
            "events",
            on=None,
            start=When(date=PartialDate("2001")),
            end=When(date=PartialDate("2000-12")),
        ),
    ),
    ("enriched_track_unknown", f"{T}.isrc", track(isrc=OTHER)),
    ("enriched_track_twice", "enrichment.tracks[2].isrc", twice("tracks")),
    ("term_unknown", f"{R}.moods[0].value", release_first("moods", value=Name("UserDefined"))),
    ("term_unknown", f"{R}.themes[0].value", release_first("themes", value=Name("not a word"))),
    ("term_unknown", f"{T}.tempo[0].value", track(tempo=(USER_DEFINED,))),
    ("enriched_party_twice", "enrichment.parties[2]", twice("parties")),
    ("enriched_party_unknown", f"{P}.name", group(name=Name("Somebody Else"), related=())),
    ("party_id_missing", P, group(ids=())),
    ("name_type_missing", f"{P}.types", group(types=())),
    ("name_type_missing", f"{P}.aliases[0].types", group_first("aliases", types=())),
    ("name_type_missing", f"{P}.related[0].types", group_first("related", isni=None)),
    ("name_type_twice", f"{P}.types", group(types=(PartyNameType.STAGE_NAME,) * 2)),
    ("event_date_missing", f"{P}.events[0]", group_first("events", on=None)),
    (
        "event_date_contradicts",
        f"{P}.events[0]",
        group_first("events", end=When(date=PartialDate("2001"))),
    ),
    (
        "party_related_to_itself",
        f"{P}.related[0]",
        group_first(
            "related",
            name=Name("Die Rille"),
            isni=None,
            ids=(ProprietaryId(namespace=Name("PADPIDA2007050901U"), value=Name("artist/17")),),
        ),
    ),
    (
        "term_unknown",
        f"{P}.related[0].relationship",
        group_first("related", relationship=Name("UserDefined")),
    ),
    ("focus_track_unknown", f"{P}.focus[0].isrc", group_first("focus", isrc=OTHER)),
]

# Only DDEX's own sets can tell these from words that are DDEX's.
UNKNOWN_WORDS: list[tuple[str, Change]] = [
    (f"{R}.moods[0].value", release_first("moods", value=Name("Chil"))),
    (f"{R}.themes[0].value", release_first("themes", value=Name("Chill"))),
    (f"{R}.activities[0].value", release_first("activities", value=Name("Sleeping"))),
    (f"{T}.tempo[0].value", track(tempo=NOT_DDEX)),
    (f"{T}.key.note.value", lambda spec: _with_key(spec, note=NOT_DDEX[0])),
    (f"{T}.key.quality.value", lambda spec: _with_key(spec, quality=NOT_DDEX[0])),
    (f"{T}.lyrics[0].kind.value", lambda spec: _with_lyrics("La", spec, kind=NOT_DDEX[0])),
    (f"{P}.images[0].kinds[0].value", group_first("images", kinds=NOT_DDEX)),
    (f"{P}.related[0].relationship", group_first("related", relationship=Name("HasBassist"))),
]


def _said(spec: CompanionSpec) -> Enrichment:
    assert spec.release.enrichment is not None
    return spec.release.enrichment


def _with_lyrics(words: str, spec: CompanionSpec, **values: Any) -> CompanionSpec:
    text = str.__new__(Paragraph, words)  # as an old event may hold it
    lyrics = replace(_said(spec).tracks[0].lyrics[0], text=text, **values)
    return track(lyrics=(lyrics,))(spec)


def _with_note(words: str, spec: CompanionSpec) -> CompanionSpec:
    texts = (LocalText(language=ENGLISH, text=Paragraph(words)),)
    return release_first("notes", texts=texts)(spec)


def _with_biography(texts: tuple[LocalText, ...], spec: CompanionSpec) -> CompanionSpec:
    biography = _said(spec).parties[0].biography
    assert biography is not None
    return group(biography=replace(biography, texts=texts))(spec)


def _with_key(spec: CompanionSpec, **values: Any) -> CompanionSpec:
    key = _said(spec).tracks[0].key
    assert key is not None
    return track(key=replace(key, **values))(spec)


def _refused(builder: DdexEnrichments, spec: CompanionSpec) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        builder.build(spec)
    for problem in refused.value.problems:
        assert problem.message
        assert problem.fix
    return [(problem.code, problem.field) for problem in refused.value.problems]


@pytest.mark.parametrize(("code", "field", "change"), CASES, ids=[f"{c}-{f}" for c, f, _ in CASES])
def test_a_rule_refuses_by_name(
    code: str, field: str, change: Change, spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    assert (code, field) in _refused(builder, change(spec))


@pytest.mark.parametrize(("field", "change"), UNKNOWN_WORDS, ids=[f for f, _ in UNKNOWN_WORDS])
def test_a_word_that_is_not_ddex_s_is_refused(
    field: str, change: Change, spec: CompanionSpec, strict_builder: DdexEnrichments
) -> None:
    assert _refused(strict_builder, change(spec)) == [("term_unknown", field)]


def test_the_word_that_was_probably_meant_is_named(
    spec: CompanionSpec, strict_builder: DdexEnrichments
) -> None:
    with pytest.raises(Refused) as refused:
        strict_builder.build(release_first("moods", value=Name("Chil"))(spec))
    assert "Chill" in refused.value.problems[0].fix


def test_a_word_of_the_sender_s_own_is_never_looked_up(
    spec: CompanionSpec, strict_builder: DdexEnrichments
) -> None:
    own = release_first("moods", value=Name("UserDefined"), own=True)(spec)
    assert b'UserDefinedValue="UserDefined"' in strict_builder.build(own)[0].xml


def test_a_related_party_needs_no_name_type_where_it_is_described(
    spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    assert _said(spec).parties[0].related[0].types == ()
    assert builder.build(spec)


def test_dates_are_compared_as_far_as_they_are_known(
    spec: CompanionSpec, builder: DdexEnrichments
) -> None:
    same_year = {"start": PartialDate("2001-12"), "end": PartialDate("2001")}
    assert builder.build(group_first("aliases", **same_year)(spec))


def test_every_rule_has_a_case() -> None:
    written = {
        constant.value
        for file in MEAD.glob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Problem"
        for constant in ast.walk(call.args[0])
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }
    # The header's rule is written once for two fields.
    tested = {code for code, _, _ in CASES} | {"_missing"}
    assert written <= tested
