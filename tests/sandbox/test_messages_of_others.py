"""The DSP reads messages of every ERN version, whoever wrote them: DDEX's own samples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deadwax.infrastructure.sandbox.erns import read_ern
from deadwax.infrastructure.sandbox.reading import parse


@pytest.mark.parametrize(
    ("name", "schema", "ids", "isrcs", "is_takedown"),
    [
        ("ern-43/1 Audio.xml", "ern-43", {"00094631432057"}, 21, False),
        ("ern-43/2 Video.xml", "ern-43", {"05099962136853"}, 2, False),
        ("ern-42/1 Audio.xml", "ern-42", {"00094631432057"}, 21, False),
        ("ern-42/4 SimpleAudioSingle.xml", "ern-42", {"A10302B0003989564F"}, 1, False),
        ("minimal/single_432.xml", "ern-432", {"5901234123457"}, 1, False),
        ("minimal/purge_43.xml", "ern-43", {"5901234123457"}, 0, True),
        ("ern-382/LiveCycle_Takedown.xml", "ern-382", set(), 0, True),
        ("ern-382/ProfileVariant_PreOrders_Preview.xml", "ern-382", set(), 0, False),
        ("ern-382/LiveCycle_PurgeReleases.xml", "ern-382", {"123451234509"}, 0, True),
        # The profiles come without deals.
        ("ern-382/Profile_AudioAlbumMusicOnly.xml", "ern-382", {"A1UCASE0000000401X"}, 6, True),
        ("ern-382/Profile_VideoSingle.xml", "ern-382", {"A1UCASE0000000007X"}, 1, True),
    ],
)
def test_a_sample_is_read(
    schemas: Path, name: str, schema: str, ids: set[str], isrcs: int, is_takedown: bool
) -> None:
    data = (schemas.parent / "samples" / name).read_bytes()
    ern = read_ern(parse(data))
    assert ern.schema == schema
    assert {*ern.icpns, *ern.grids} == ids
    assert ern.recipients
    assert (len(ern.isrcs), ern.is_takedown) == (isrcs, is_takedown)
    assert len(ern.files) == data.count(b"<File>")
    assert all(
        re.fullmatch(r"(resources/)?[0-9A-Z]+(_[0-9A-Z]+)*\.[a-z0-9]+", file.uri)
        for file in ern.files
    )
