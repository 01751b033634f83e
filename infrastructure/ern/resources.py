"""The ResourceList: the sound recordings and the front cover."""

from __future__ import annotations

from collections.abc import Sequence

from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.assets import AssetFacts
from deadwax.domain.parties import Contributor
from deadwax.infrastructure.ern import display
from deadwax.infrastructure.ern.contents_old import AUDIO_FORMATS, Contents, Cover, Recording
from deadwax.infrastructure.ern.parties import Parties
from deadwax.infrastructure.ern.xml import Element, Value, maybe, tag

# Every DSP checks MD5 and DDEX's own samples use it. It guards against damage on the way;
# what we claim to have sent is recorded by SHA-256.
HASH_ALGORITHM = "MD5"


def resource_list(spec: MessageSpec, contents: Contents, parties: Parties) -> Element:
    return tag(
        "ResourceList",
        *(_recording(r, spec, parties) for r in contents.recordings),
        _cover(contents.cover, spec),
    )


def _recording(recording: Recording, spec: MessageSpec, parties: Parties) -> Element:
    track = recording.track
    delivered = spec.kind is not MessageKind.TAKEDOWN
    edition = tag(
        "SoundRecordingEdition",
        tag("Type", "NonImmersiveEdition"),
        tag("ResourceId", tag("ISRC", track.isrc)),
        display.p_line(track.p_line),
        _audio_details(recording) if delivered else None,
    )
    return tag(
        "SoundRecording",
        tag("ResourceReference", recording.reference),
        tag("Type", "MusicalWorkSoundRecording"),
        edition,
        tag("WorkId", tag("ISWC", track.iswc)) if track.iswc else None,
        *display.titles(track.title, track.version, track.titles),
        *display.artists(track.artists, parties),
        *_contributors((*track.contributors, *spec.release.contributors), parties),
        tag("Duration", display.duration(recording.seconds)),
        tag("ParentalWarningType", track.parental_warning),
        tag("IsInstrumental", track.instrumental),
        tag("LanguageOfPerformance", track.language),
    )


def _audio_details(recording: Recording) -> Element:
    audio = recording.audio
    _, container = AUDIO_FORMATS[audio.container]
    return tag(
        "TechnicalDetails",
        tag("TechnicalResourceDetailsReference", recording.technical),
        tag(
            "DeliveryFile",
            tag("Type", "AudioFile"),
            maybe("ContainerFormat", container),
            tag("AudioCodecType", audio.codec),
            tag("NumberOfChannels", audio.channels),
            tag("SamplingRate", audio.sampling_rate, UnitOfMeasure="Hz"),
            tag("BitsPerSample", audio.bits_per_sample),
            _file(recording.uri, recording.asset),
            tag("IsProvidedInDelivery", True),
        ),
        _preview(recording),
    )


def _preview(recording: Recording) -> Element | None:
    start = recording.track.preview_start
    if start is None:
        return None
    return tag(
        "ClipDetails",
        tag("TechnicalResourceDetailsReference", recording.clip),
        tag("ClipType", "Preview"),
        tag("Timing", tag("StartPoint", start)),
        tag("ExpressionType", "Instructive"),
    )


def _contributors(people: Sequence[Contributor], parties: Parties) -> list[Element]:
    """One element per party with all its roles (Release Profiles 7.4).

    ERN 4 knows no contributors of a release: those are credited on each of its recordings.
    """
    credited: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for person in people:
        roles, instruments = credited.setdefault(parties.reference(person), ({}, {}))
        roles |= dict.fromkeys(person.roles)
        instruments |= dict.fromkeys(person.instruments)
    return [
        tag(
            "Contributor",
            tag("ContributorPartyReference", reference),
            *(tag("Role", role) for role in roles),
            *(tag("InstrumentType", instrument) for instrument in instruments),
            SequenceNumber=str(n),
        )
        for n, (reference, (roles, instruments)) in enumerate(credited.items(), start=1)
    ]


def _cover(cover: Cover, spec: MessageSpec) -> Element:
    technical = None
    if spec.kind is not MessageKind.TAKEDOWN:
        technical = tag(
            "TechnicalDetails",
            tag("TechnicalResourceDetailsReference", cover.technical),
            tag("ImageCodecType", cover.image.codec),
            _pixels("ImageHeight", cover.image.height),
            _pixels("ImageWidth", cover.image.width),
            _file(cover.uri, cover.asset),
            tag("IsProvidedInDelivery", True),
        )
    name = f"{spec.release.icpn}_cover"
    return tag(
        "Image",
        tag("ResourceReference", cover.reference),
        tag("Type", "FrontCoverImage"),
        tag("ResourceId", tag("ProprietaryId", name, Namespace=spec.sender.dpid)),
        technical,
    )


def _pixels(name: str, value: Value) -> Element:
    return tag(name, value, UnitOfMeasure="Pixel")


def _file(uri: str, asset: AssetFacts) -> Element:
    """FileSize is in kilobytes by the XSD; three decimals keep the exact number of bytes."""
    return tag(
        "File",
        tag("URI", uri),
        tag("HashSum", tag("Algorithm", HASH_ALGORITHM), tag("HashSumValue", asset.md5)),
        tag("FileSize", f"{asset.size // 1000}.{asset.size % 1000:03d}"),
    )
