"""docs/deals.md says what the code does."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from tests.domain.complete import ASSETS, COMPLETE, DEAL

from deadwax.domain import deal_rules, deal_windows, visibility_rules
from deadwax.domain.deals import Deal, RightsHeld
from deadwax.domain.identifiers import Dpid
from deadwax.domain.message_style import (
    HashAlgorithm,
    HashEncoding,
    MessageStyle,
    TakedownForm,
    TerritorialTakedown,
    UpdateForm,
)
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.rights_proof import prove
from deadwax.domain.rules import problems
from deadwax.domain.territories import Territories, Territory
from deadwax.domain.texts import Moment

PAGE = (Path(__file__).parents[2] / "docs" / "deals.md").read_text()
RULES = (deal_rules, deal_windows, visibility_rules)
A_DEAL, A_PROOF = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.S))


def test_the_deal_of_the_page_is_a_good_one() -> None:
    deal = from_plain(Deal, A_DEAL)
    (first, second), tracks = COMPLETE.tracks, {track.isrc for track in COMPLETE.tracks}
    assert deal.instant_gratification[0].isrc not in tracks
    named = replace(first, isrc=deal.instant_gratification[0].isrc)

    assert problems(replace(COMPLETE, tracks=(named, second), deals=(deal,)), ASSETS) == []


def test_the_fields_of_the_page_are_those_of_a_deal() -> None:
    table = PAGE.partition("### When")[0]
    named = re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (`.*?) \|", table, re.M)))

    assert sorted(named) == sorted(field.name for field in fields(Deal))


def test_the_styles_of_the_page_are_those_there_are() -> None:
    rows = re.findall(r"^\| (.*?) \| (.*?) \|", PAGE.partition("## How it is said")[2], re.M)
    cells = [cell for row in rows for cell in row]
    named = {word for cell in cells for word in re.findall(r"`([\w-]+)`", cell)}
    choices = {
        *(TakedownForm, TerritorialTakedown, UpdateForm),
        *(HashAlgorithm, HashEncoding),
    }

    values = {value.value for choice in choices for value in choice}
    assert named == values | {field.name for field in fields(MessageStyle)}


def test_the_codes_of_the_page_are_those_of_the_rules() -> None:
    rules = "".join(Path(str(m.__file__)).read_text() for m in RULES)
    codes = set(re.findall(r'(?:Problem|_problem)\(\s*"([a-z_]+)"', rules))
    table = PAGE.partition("## What is refused")[2].partition("Two deals are compared")[0]

    assert {*re.findall(r"`([a-z_]+)`", table)} == codes


def test_the_proof_of_the_page_is_what_is_proven() -> None:
    world = Territories(included=(Territory("Worldwide"),))
    not_japan = Territories(excluded=(Territory("JP"),))
    change = date(2027, 5, 9)
    rights = [
        RightsHeld(territories=world, end=change),
        RightsHeld(territories=not_japan, start=change),
    ]
    deal = replace(DEAL, territories=not_japan, start=Moment("2026-12-04"))
    proof = prove([deal], rights, [], Dpid("PADPIDA2011072101T"))

    assert _short(to_plain(proof)) == _short(A_PROOF)


def _short(plain: Any) -> Any:
    """Without the empty lists that the page leaves out."""
    if isinstance(plain, dict):
        return {name: _short(value) for name, value in plain.items() if value != []}
    return [_short(item) for item in plain] if isinstance(plain, list) else plain
