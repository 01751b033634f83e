"""What a message says of a file: where it is, its hash, and how it is coded."""

from __future__ import annotations

from collections.abc import Sequence

from deadwax.application.imported import StatedFile
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.values import decimal, flag

# What is measured of the file itself once it is there.
_CODING = (
    "Type",
    "OverallBitRate",
    "ContainerFormat",
    "AudioCodecType",
    "BitRate",
    "NumberOfChannels",
    "SamplingRate",
    "BitsPerSample",
    "BitDepth",
    "Duration",
    "VideoCodecType",
    "VideoBitRate",
    "FrameRate",
    "ImageCodecType",
    "ImageHeight",
    "ImageWidth",
    "ColorDepth",
    "AudioBitRate",
    "NumberOfAudioChannels",
    "AudioSamplingRate",
    "AudioBitsPerSample",
    "TextCodecType",
)


def stated_file(details: Sequence[Cursor], field: str) -> StatedFile | None:
    """The first file that technical details name; others stay unread."""
    for technical in details:
        if (reference := technical.child("TechnicalResourceDetailsReference")) is not None:
            reference.hold()
        for holder in (*technical.children("DeliveryFile"), technical):
            if (file := holder.child("File")) is not None:
                return _file(holder, file, field)
    return None


def _file(holder: Cursor, file: Cursor, field: str) -> StatedFile | None:
    hashed = file.child("HashSum")
    size = decimal(file.child("FileSize"))
    return StatedFile(
        field=field,
        uri=_uri(file),
        hash_algorithm=_first(hashed, "Algorithm", "HashSumAlgorithmType"),
        hash_value=_first(hashed, "HashSumValue", "HashSum"),
        size=None if size is None else int(size * 1000),  # kilobytes by the XSD
        provided=flag(holder.child("IsProvidedInDelivery")),
        technical=_coding(holder),
    )


def _uri(file: Cursor) -> str:
    """4.x has one URI; 3.8.x a URL, or a name with or without a folder."""
    whole = file.text_of("URI") or file.text_of("URL")
    if whole:
        return whole
    name, folder = file.text_of("FileName") or "", file.text_of("FilePath") or ""
    return f"{folder.rstrip('/')}/{name}" if folder else name


def _first(holder: Cursor | None, *names: str) -> str | None:
    if holder is None:
        return None
    return next((text for n in names if (text := holder.text_of(n))), None)


def _coding(holder: Cursor) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in holder.children(*_CODING):
        unit = child.attribute("UnitOfMeasure")
        found.setdefault(child.name, f"{child.text} {unit}" if unit else child.text)
    return found
