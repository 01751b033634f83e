"""The page for operators: every address in it is one, and its table is the code's."""

from __future__ import annotations

import json
import re
from pathlib import Path

from deadwax.api.body import checked
from deadwax.domain.addresses.http import GraphqlAddress, Links, RestAddress, SoapAddress
from deadwax.domain.addresses.http_calls import PLACEHOLDERS
from deadwax.infrastructure.couriers.http.meanings import STATUSES

PAGE = (Path(__file__).parents[2] / "docs" / "connect-http.md").read_text()


def test_every_address_shown_is_one() -> None:
    rest, soap, graphql, links = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    for kind, text in ((RestAddress, rest), (SoapAddress, soap), (GraphqlAddress, graphql)):
        assert checked(kind, text.encode()).is_encrypted
    stated = json.loads(f"{{{links}}}")["links"]
    assert checked(Links, json.dumps(stated).encode()).seconds == 86_400


def test_every_placeholder_is_shown() -> None:
    section = PAGE.partition("| placeholder |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`\{([a-z0-9_]+)\}`", section)) == PLACEHOLDERS.keys()


def test_the_table_of_statuses_is_the_code() -> None:
    section = PAGE.partition("| answer | category |")[2].partition("\n\n")[0]
    documented = {
        int(status): row[1]
        for row in re.findall(r"\| (.*?) \| `(\w+)` \|", section)
        for status in re.findall(r"\b\d{3}\b", row[0])
    }
    assert documented == {status: category.value for status, category in STATUSES.items()}
