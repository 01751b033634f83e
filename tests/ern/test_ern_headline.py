"""What an entry of a feed says of a message is what the message says."""

from __future__ import annotations

from pathlib import Path

import pytest

from deadwax.infrastructure.ern.headline import Headline, headline

GOLDEN = Path(__file__).parents[1] / "golden" / "ern"
IDS = (("GRid", "A12425GABC1234002M"), ("ICPN", "5901234123457"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "4.3/album.xml",
            Headline(
                title="Etched & <Played> (Deluxe Edition)",
                artist="Ada Lathe feat. Ben Stamper",
                release_type="Album",
                release_ids=IDS,
            ),
        ),
        (
            "3.8.2/album_takedown.xml",
            Headline("Etched & <Played>", "Ada Lathe feat. Ben Stamper", "Album", IDS),
        ),
        ("3.8.2/album_purge.xml", Headline("Etched & <Played>", None, None, IDS)),
        (
            "3.8.3/video_album_update.xml",
            Headline("Locked Groove", "Ada Lathe", "VideoAlbum", IDS[1:]),
        ),
    ],
)
def test_a_headline_is_read_from_every_kind_of_message(name: str, expected: Headline) -> None:
    assert headline((GOLDEN / name).read_bytes()) == expected
