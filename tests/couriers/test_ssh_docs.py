"""What docs/connect-sftp.md shows can be sent as it stands there."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from deadwax.api.bodies import PinnedHostKey
from deadwax.domain.addresses.ssh import ScpAddress, SftpAddress

PAGE = (Path(__file__).parents[2] / "docs" / "connect-sftp.md").read_text()
SHOWN = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("shown", SHOWN, ids=str)
def test_it_is_taken(shown: dict[str, object]) -> None:
    kinds = (SftpAddress, ScpAddress) if "host" in shown else (PinnedHostKey,)
    for kind in kinds:
        TypeAdapter(kind).validate_python(shown)


def test_every_field_of_an_address_is_told() -> None:
    told = set(re.findall(r"`(\w+)`", PAGE[PAGE.index("| field |") : PAGE.index("A **password**")]))
    assert {field.name for field in fields(SftpAddress)} <= told
