"""`deadwax ids` from the outside: exit codes and what is printed."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from deadwax.domain.identifier_forms import FORMS
from deadwax.workers.ids_cli import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_valid_value_is_shown_as_it_is_sent_and_as_it_is_read() -> None:
    result = run("check", "icpn", "UPC 0 36000 29145 2")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "icpn: valid",
        "kind        UPC-A",
        "normalised  036000291452",
        "formatted   0 36000 29145 2",
    ]


def test_an_invalid_value_comes_with_the_reason_and_the_right_check_digit() -> None:
    result = run("check", "ISWC", "T-034.524.680-2")

    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "iswc: invalid",
        "'T0345246802': the check digit should be 1. Give T and ten digits,"
        " without dots or hyphens. [iswc_invalid]",
        "expected    1",
    ]


def test_a_value_of_the_wrong_shape_has_no_check_digit_to_expect() -> None:
    result = run("check", "isrc", "GB-AYE-69-1")

    assert result.exit_code == 1
    assert "[isrc_invalid]" in result.stdout
    assert "expected" not in result.stdout


@pytest.mark.parametrize(
    ("value", "code", "told"),
    [
        (
            "https://isni.org/isni/0000000121032683",
            0,
            {
                "valid": True,
                "normalised": "0000000121032683",
                "formatted": "0000 0001 2103 2683",
                "expected": None,
                "problem": None,
            },
        ),
        (
            "0000 0001 2103 2684",
            1,
            {
                "valid": False,
                "normalised": "0000000121032684",
                "formatted": None,
                "expected": "3",
                "problem": {
                    "code": "isni_invalid",
                    "field": "",
                    "message": "'0000000121032684': the check character should be 3.",
                    "fix": "Give the 16 characters without spaces.",
                },
            },
        ),
    ],
)
def test_programs_get_one_object(value: str, code: int, told: dict[str, object]) -> None:
    result = run("check", "isni", value, "--json")

    assert result.exit_code == code
    assert json.loads(result.stdout) == {"type": "isni", "given": value, "kind": None} | told


def test_an_unknown_type_could_not_be_checked() -> None:
    assert run("check", "isbn", "978-3-16-148410-0").exit_code == 2


def test_the_types_are_listed_with_examples() -> None:
    listed = json.loads(run("types", "--json").stdout)

    assert [row["type"] for row in listed] == list(FORMS)
    assert all(run("check", row["type"], row["formatted"]).exit_code == 0 for row in listed)
    assert len(run("types").stdout.splitlines()) == len(FORMS)
