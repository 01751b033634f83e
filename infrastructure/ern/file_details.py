"""What both families say of a file alike: its hash sum, and the preview to be cut from it."""

from __future__ import annotations

import base64

from deadwax.domain.assets import AssetFacts
from deadwax.domain.message_style import HashAlgorithm, HashEncoding, MessageStyle
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.display import duration
from deadwax.infrastructure.ern.write import leaf, node

HASH_DATA_TYPES = {HashEncoding.HEX: None, HashEncoding.BASE64: "Binary64"}
"""Digests in hexadecimal need no word: DDEX's own samples have none."""


def hash_value(asset: AssetFacts, style: MessageStyle) -> str:
    """The digest in the algorithm and encoding that the platform wants."""
    digest = asset.md5 if style.hash_algorithm is HashAlgorithm.MD5 else asset.sha256
    if style.hash_encoding is HashEncoding.HEX:
        return digest
    return base64.b64encode(bytes.fromhex(digest)).decode()


def preview_details(track: Track) -> str:
    """PreviewDetails. The DSP is to cut it, so no file comes with it."""
    length = track.preview_length
    return node(
        "PreviewDetails",
        leaf("StartPoint", track.preview_start),
        leaf("Duration", None if length is None else duration(length)),
        leaf("ExpressionType", "Instructive"),
    )
