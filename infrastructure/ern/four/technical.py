"""TechnicalDetails: what a file is, where it lies, and its preview.

Since 4.2 IsProvidedInDelivery says whether the file comes along, so an update of the metadata
alone still describes it. Before, to name a file was to deliver it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from deadwax.domain.assets import AudioFacts, VideoFacts
from deadwax.infrastructure.ern import audio_formats, display
from deadwax.infrastructure.ern.contents import File, Immersive, Recording
from deadwax.infrastructure.ern.file_details import HASH_DATA_TYPES, hash_value, preview_details
from deadwax.infrastructure.ern.four import shown
from deadwax.infrastructure.ern.four.draft import Draft
from deadwax.infrastructure.ern.four.shown import Children
from deadwax.infrastructure.ern.write import Value, leaf, node


def sound(
    file: File | None,
    draft: Draft,
    *,
    preview: Recording | None = None,
    encoding: Immersive | None = None,
) -> str:
    """`preview` is the recording whose preview is told along; `encoding` is given where an
    immersive edition is told as a further encoding."""
    if file is None or not _describes(file, draft, preview):
        return ""
    audio = file.asset.audio
    assert audio is not None
    codec = draft.shape.immersive_codec if audio.immersive else audio.codec
    facts = _of_audio(audio, codec, draft.spec.sender.dpid)
    others = _encoding(encoding) if encoding else {}
    details = "TechnicalSoundRecordingDetails"
    return _recorded(details, "AudioDeliveryFile", file, facts, draft, preview, others)


def video(file: File | None, draft: Draft, *, preview: Recording | None = None) -> str:
    if file is None or not _describes(file, draft, preview):
        return ""
    facts = file.asset.video
    assert facts is not None
    described = _of_video(facts)
    return _recorded(
        "TechnicalVideoDetails", "VideoDeliveryFile", file, described, draft, preview, {}
    )


def image(file: File | None, draft: Draft) -> str:
    if file is None or not _describes(file, draft):
        return ""
    facts = file.asset.image
    assert facts is not None
    children = {
        "ImageCodecType": leaf("ImageCodecType", facts.codec),
        "ImageHeight": _pixels("ImageHeight", facts.height),
        "ImageWidth": _pixels("ImageWidth", facts.width),
    }
    return _details("TechnicalImageDetails", file, children | _file(file, draft), draft)


def text(file: File | None, draft: Draft) -> str:
    if file is None or not _describes(file, draft):
        return ""
    facts = file.asset.text
    assert facts is not None
    children = {"TextCodecType": leaf("TextCodecType", facts.codec)}
    return _details("TechnicalTextDetails", file, children | _file(file, draft), draft)


def _encoding(immersive: Immersive) -> Children:
    edition = immersive.edition
    return {
        "EncodingId": node("EncodingId", leaf("ISRC", edition.isrc)),
        "PLine": shown.p_line(edition.p_line),
    }


def _describes(file: File, draft: Draft, preview: Recording | None = None) -> bool:
    """Whether the message says what the file is. Its preview is left out with it."""
    describes = file.delivered or draft.shape.states_delivery
    if not describes and preview is not None and preview.track.preview_start is not None:
        draft.writer.omitted["TechnicalDetails/PreviewDetails"] = None
    return describes


def _recorded(
    details: str,
    delivery: str,
    file: File,
    facts: Mapping[str, str],
    draft: Draft,
    preview: Recording | None,
    others: Children,
) -> str:
    """Sound and video: what the file is stands in a DeliveryFile, or directly where there is
    none."""
    facts = {**facts, **_file(file, draft)}
    has_delivery = draft.writer.has(details, "DeliveryFile")
    if has_delivery:
        facts = {"DeliveryFile": draft.writer.composite(delivery, facts, "DeliveryFile")}
    else:
        facts = {name: t for name, t in facts.items() if draft.writer.has(details, name)}
    if preview is not None and preview.track.preview_start is not None:
        clip = _clip(preview) if has_delivery else preview_details(preview.track)
        others = others | {"ClipDetails" if has_delivery else "PreviewDetails": clip}
    return _details(details, file, facts | others, draft)


def _details(details: str, file: File, children: Children, draft: Draft) -> str:
    reference = leaf("TechnicalResourceDetailsReference", file.technical)
    children = {"TechnicalResourceDetailsReference": reference} | children
    return draft.writer.composite(details, children, "TechnicalDetails")


def _clip(recording: Recording) -> str:
    track = recording.track
    length = display.duration(track.preview_length) if track.preview_length else None
    return node(
        "ClipDetails",
        leaf("TechnicalResourceDetailsReference", recording.clip),
        leaf("ClipType", "Preview"),
        node("Timing", leaf("StartPoint", track.preview_start), leaf("DurationUsed", length)),
        leaf("ExpressionType", "Instructive"),
    )


# The files of a release are mostly alike.
@lru_cache(maxsize=256)
def _of_audio(facts: AudioFacts, codec: str | None, sender: str) -> Mapping[str, str]:
    return {
        "Type": leaf("Type", "AudioFile"),
        "ContainerFormat": audio_formats.container_format(facts),
        "AudioCodecType": audio_formats.codec_type(codec, sender),
        "BitRate": audio_formats.bit_rate(facts),
        "NumberOfChannels": leaf("NumberOfChannels", facts.channels),
        "SamplingRate": leaf("SamplingRate", facts.sampling_rate, UnitOfMeasure="Hz"),
        "BitsPerSample": leaf("BitsPerSample", facts.bits_per_sample),
    }


def _of_video(facts: VideoFacts) -> Children:
    rate = facts.audio_sampling_rate
    return {
        "Type": leaf("Type", "AudioVisualFile" if facts.audio_codec else "VisualFile"),
        "ContainerFormat": leaf("ContainerFormat", facts.container),
        "VideoCodecType": leaf("VideoCodecType", facts.codec),
        "FrameRate": leaf("FrameRate", facts.frame_rate),
        "ImageHeight": _pixels("ImageHeight", facts.height),
        "ImageWidth": _pixels("ImageWidth", facts.width),
        "AudioCodecType": leaf("AudioCodecType", facts.audio_codec),
        "NumberOfAudioChannels": leaf("NumberOfAudioChannels", facts.audio_channels),
        "AudioSamplingRate": leaf("AudioSamplingRate", rate, UnitOfMeasure="Hz"),
    }


def _file(file: File, draft: Draft) -> Children:
    """FileSize is in kilobytes by the XSD; three decimals keep the exact number of bytes."""
    provided = leaf("IsProvidedInDelivery", file.delivered) if draft.shape.states_delivery else ""
    if not file.delivered:
        return {"IsProvidedInDelivery": provided}
    asset, style = file.asset, draft.spec.style
    described = node(
        "File",
        leaf("URI", file.uri),
        node(
            "HashSum",
            leaf("Algorithm", style.hash_algorithm),
            leaf("DataType", HASH_DATA_TYPES[style.hash_encoding]),
            leaf("HashSumValue", hash_value(asset, style)),
        ),
        leaf("FileSize", f"{asset.size // 1000}.{asset.size % 1000:03d}"),
    )
    return {"File": described, "IsProvidedInDelivery": provided}


def _pixels(name: str, value: Value) -> str:
    return leaf(name, value, UnitOfMeasure="Pixel")
