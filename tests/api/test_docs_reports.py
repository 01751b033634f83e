"""docs/status-reports.md says what the code does, and its examples are taken."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.api.caller import Caller, done

from deadwax.domain.reports import USUAL_WORDS, Meaning

PAGE = (Path(__file__).parents[2] / "docs" / "status-reports.md").read_text()


def test_the_words_are_those_of_the_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)
    documented = {state: words.split(", ") for state, words in rows}
    usual = {
        meaning.value: sorted(w for w, means in USUAL_WORDS.items() if means is meaning)
        for meaning in Meaning
        if meaning is not Meaning.UNCLEAR
    }
    assert {state: [w.strip() for w in words] for state, words in documented.items()} == usual


def test_the_examples_are_settings_of_a_target(admin: Caller) -> None:
    examples = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        target = admin.target(**json.loads(example))
        settings = done(admin.get(f"/targets/{target['id']}"))["settings"]
        assert settings["reports"].keys() >= json.loads(example)["reports"].keys()
