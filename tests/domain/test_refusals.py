"""What a refusal says in one sentence."""

from __future__ import annotations

import pytest

from deadwax.domain.errors import Problem, Refused


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "It was refused: a0: Wrong."),
        (2, "It was refused: a0: Wrong; a1: Wrong."),
        (7, "It was refused: a0: Wrong; a1: Wrong; a2: Wrong; a3: Wrong; a4: Wrong; and 2 more."),
    ],
)
def test_a_refusal_is_one_sentence_that_tells_how_many_it_leaves_out(count: int, said: str) -> None:
    problems = [Problem("wrong", f"a{number}", "Wrong.", "Mend it.") for number in range(count)]
    assert str(Refused("It was refused", problems)) == said
