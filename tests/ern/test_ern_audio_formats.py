"""What messages of every version say of the format of an audio file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree
from tests.ern.releases import digest, single, spec_of

from deadwax.application.messages import SchemaCheck
from deadwax.domain.assets import AudioFacts
from deadwax.domain.target import ErnVersion
from deadwax.infrastructure.ern.builder import DdexMessages

HAS_NO_CONTAINER = (ErnVersion.V411, ErnVersion.V42)
"""Their details of a sound recording have no place for it."""


def facts(container: str, codec: str, bits: int | None, rate: int | None = None) -> AudioFacts:
    return AudioFacts(
        container=container,
        codec=codec,
        channels=2,
        sampling_rate=48_000,
        bits_per_sample=bits,
        duration_ms=215_000,
        bit_rate=rate,
    )


# What was measured: the extension, and what is stated of container, codec, rate and bits.
KINDS = {
    "wav": (facts("WAV", "PCM", 24), "wav", "WAV", "PCM", None, "24"),
    "float wav": (facts("WAV", "PCM", None), "wav", "WAV", "PCM", None, None),
    "flac": (facts("FLAC", "FLAC", 16), "flac", None, "FLAC", None, "16"),
    "aiff": (facts("AIFF", "PCM", 16), "aiff", "AIFF", "PCM", None, "16"),
    "alac": (facts("MP4", "ALAC", 24), "m4a", "MP4", "ALAC", None, "24"),
    "aac": (facts("MP4", "AAC", None, 256_123), "m4a", "MP4", "AAC", "256123", None),
    "mp3": (facts("MP3", "MP3", None, 320_000), "mp3", None, "MP3", "320000", None),
    "opus": (facts("Ogg", "Opus", None, 191_872), "opus", "Ogg", "Opus", "191872", None),
    "vorbis": (facts("Ogg", "Vorbis", None, 192_000), "ogg", "Ogg", "Vorbis", "192000", None),
}


@pytest.mark.parametrize("version", ErnVersion)
@pytest.mark.parametrize("kind", KINDS)
def test_a_message_states_the_format_as_it_was_measured(
    messages: DdexMessages, version: ErnVersion, kind: str
) -> None:
    measured, extension, container, codec, rate, bits = KINDS[kind]
    spec = spec_of(single(), ern=version)
    asset = replace(spec.assets[digest("flac")], audio=measured)

    built = messages.build(replace(spec, assets={**spec.assets, asset.sha256: asset}))

    assert built.schema is SchemaCheck.VALID
    details = etree.fromstring(built.xml).find(".//TechnicalSoundRecordingDetails")
    if details is None:
        details = etree.fromstring(built.xml).find(".//SoundRecording//TechnicalDetails")
    assert details is not None
    named = next(file for file in built.resources if file.sha256 == asset.sha256)
    assert named.uri.endswith(f".{extension}")
    stated = details.find(".//AudioCodecType")
    assert stated is not None
    assert stated.get("UserDefinedValue", stated.text) == codec
    assert (stated.get("Namespace") is not None) == (stated.text == "UserDefined")
    assert details.findtext(".//ContainerFormat") == (
        None if version in HAS_NO_CONTAINER else container
    )
    assert details.findtext(".//BitRate") == rate
    assert details.findtext(".//BitsPerSample") == bits
    assert details.findtext(".//SamplingRate") == "48000"
    assert details.findtext(".//NumberOfChannels") == "2"
