"""The messages that travel beside an ERN 4.x message: its SupplementalDocumentList."""

from __future__ import annotations

import base64

from deadwax.application.messages import MessageSpec, ResourceFile
from deadwax.domain.message_style import HashAlgorithm, HashEncoding
from deadwax.infrastructure.ern.write import leaf, node

_DATA_TYPES = {HashEncoding.HEX: None, HashEncoding.BASE64: "Binary64"}


def document_list(spec: MessageSpec) -> str:
    """The last section of a NewReleaseMessage of 4.x; nothing if nothing travels beside it.

    ERN 3.8.x has no such section.
    """
    return node("SupplementalDocumentList", *(_document(file, spec) for file in spec.documents))


def _document(file: ResourceFile, spec: MessageSpec) -> str:
    """FileSize is in kilobytes by the XSD; three decimals keep the exact number of bytes."""
    asset, style = spec.assets[file.sha256], spec.style
    digest = asset.md5 if style.hash_algorithm is HashAlgorithm.MD5 else asset.sha256
    if style.hash_encoding is HashEncoding.BASE64:
        digest = base64.b64encode(bytes.fromhex(digest)).decode()
    return node(
        "SupplementalDocument",
        leaf("URI", file.uri),
        node(
            "HashSum",
            leaf("Algorithm", style.hash_algorithm),
            leaf("DataType", _DATA_TYPES[style.hash_encoding]),
            leaf("HashSumValue", digest),
        ),
        leaf("FileSize", f"{file.size // 1000}.{file.size % 1000:03d}"),
    )
