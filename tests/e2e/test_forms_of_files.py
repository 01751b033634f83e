"""Each platform gets the form that it wants, and the message states what was measured of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from lxml import etree
from tests import material
from tests.faults.rig import Rig

from deadwax.application import evidence
from deadwax.application.dry_run import Wanted
from deadwax.application.errors import DeliveryFailed
from deadwax.application.gate import WaitReason
from deadwax.application.messages import Acknowledgement, Outcome
from deadwax.application.receipts import read_receipt
from deadwax.domain.distribution import Distribution
from deadwax.domain.distribution_events import AttemptFailed, ContentAdapted, MessageComposed
from deadwax.domain.errors import Problem
from deadwax.domain.failures import FailureCategory
from deadwax.domain.identifiers import Sha256
from deadwax.domain.media.form import MediaForm
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.states import Status
from deadwax.domain.target import ErnVersion
from deadwax.infrastructure.sandbox.erns import NamedFile, read_ern
from deadwax.infrastructure.sandbox.probing import probed

GOING = True


def uploaded(rig: Rig, data: bytes, name: str) -> Sha256:
    with rig.acting():
        facts, _ = rig.container.assets.ingest([data], name, None)
    return Sha256(facts.sha256)


@pytest.fixture
def release(rig: Rig) -> ReleaseMetadata:
    """A master in high resolution and one of a CD, a cover in PNG."""
    high = uploaded(rig, material.recording(1, format="WAV", rate=96_000, bits=24), "high.wav")
    low = uploaded(rig, material.recording(2, format="AIFF"), "low.aiff")
    cover = uploaded(rig, material.cover(1), "cover.png")
    metadata = rig.metadata()
    one, two = metadata.tracks
    return replace(
        metadata, cover=cover, tracks=(replace(one, audio=high), replace(two, audio=low))
    )


def distribute(rig: Rig, release: ReleaseMetadata, media: MediaForm, **settings: Any) -> UUID:
    target = rig.open_target(replace(rig.settings(), media=media, **settings))
    with rig.acting():
        draft, _ = rig.container.releases.draft(release)
        rig.container.releases.submit(draft.id, None)
        return rig.container.distributions.distribute(draft.id, [target], None)[0][0].id


def work(rig: Rig, id: UUID) -> Distribution:
    """What workers do of it now."""
    while (d := rig.distribution(id)).status in (
        *(Status.CREATED, Status.VALIDATING, Status.QUEUED, Status.RETRYING, Status.UPDATING),
        Status.TAKEDOWN_REQUESTED,
    ):
        wait = rig.container.deliveries.advance(id, lambda: GOING)
        if wait is not None and wait.reason is WaitReason.RENDITIONS:
            rig.container.rendering.run(id, lambda: GOING)
        elif rig.distribution(id).version == d.version:
            break
    return rig.distribution(id)


_UNANSWERED = (Status.PROCESSING_BY_PLATFORM, Status.DISTRIBUTED, Status.UPDATED)


def message(d: Distribution) -> dict[str, Any]:
    assert d.message is not None
    return d.message


def live(rig: Rig, id: UUID) -> Distribution:
    work(rig, id)

    def there() -> bool:
        rig.container.follow_up.poll(rig.distribution(id).target_id)
        return rig.distribution(id).status not in (
            Status.PROCESSING_BY_PLATFORM,
            Status.DISTRIBUTED,
        )

    rig.wait_until(there, "the platform has answered", 20)
    return rig.distribution(id)


def received(rig: Rig, d: Distribution) -> list[tuple[NamedFile, Path]]:
    """What the platform got, by what the message says of it."""
    icpn, batch = str(message(d)["icpn"]), message(d)["batch_id"]
    folder = rig.dsp.folders.archive / f"N_{batch}" / icpn
    ern = read_ern(etree.parse(folder / f"{icpn}.xml").getroot())
    return [(file, folder / file.uri) for file in ern.files]


HIGH, CD = ("96000", "24"), ("44100", "16")
FORMS = [
    (ErnVersion.V43, MediaForm(audio="flac", artwork="jpeg_3000"), "FLAC", (HIGH, CD), 3000),
    (ErnVersion.V382, MediaForm(audio="wav_16_44", artwork="jpeg_1400"), "PCM", (CD, CD), 1400),
    (
        ErnVersion.V42,
        MediaForm(audio="mp3_320", artwork="jpeg_500"),
        "MP3",
        (("48000", None), ("44100", None)),
        500,
    ),
    (
        ErnVersion.V411,
        MediaForm(audio="aac_256", artwork="jpeg_1000"),
        "AAC",
        (("48000", None), ("44100", None)),
        1000,
    ),
    (
        ErnVersion.V432,
        MediaForm(audio="opus_192", artwork="jpeg_1000"),
        "Opus",
        (("48000", None), ("48000", None)),
        1000,
    ),
]
SUFFIXES = {"FLAC": ".flac", "PCM": ".wav", "MP3": ".mp3", "AAC": ".m4a", "Opus": ".opus"}
NO_PLACE_FOR_CONTAINERS = (ErnVersion.V411, ErnVersion.V42)


@pytest.mark.parametrize(("version", "media", "codec", "values", "pixels"), FORMS)
def test_the_message_states_what_the_received_files_are(
    rig: Rig,
    release: ReleaseMetadata,
    version: ErnVersion,
    media: MediaForm,
    codec: str,
    values: tuple[tuple[str, str | None], ...],
    pixels: int,
) -> None:
    d = live(rig, distribute(rig, release, media, ern=version))

    assert d.status is Status.LIVE, rig.events(d.id)[-1]
    *sounds, (cover, picture) = received(rig, d)
    for (file, path), (rate, bits) in zip(sounds, values, strict=True):
        found = probed(path)
        assert path.suffix == SUFFIXES[codec]
        assert (file.stated["AudioCodecType"], found["AudioCodecType"]) == (codec, codec)
        assert file.stated["SamplingRate"] == found["SamplingRate"] == rate
        assert file.stated["NumberOfChannels"] == found["NumberOfChannels"] == "2"
        assert file.stated.get("BitsPerSample") == found.get("BitsPerSample") == bits
        if version not in NO_PLACE_FOR_CONTAINERS:
            assert file.stated.get("ContainerFormat") == found.get("ContainerFormat")
        assert ("BitRate" in file.stated) == (bits is None)
        if bits is None:
            stated = int(file.stated["BitRate"])
            assert stated == pytest.approx(int(found["BitRate"]), rel=0.02)
            assert codec != "MP3" or stated == 320_000
    assert picture.suffix == ".jpg"
    shown = probed(picture)
    assert shown["ImageCodecType"] == cover.stated["ImageCodecType"] == "JPEG"
    assert shown["ImageWidth"] == cover.stated["ImageWidth"] == str(pixels)
    assert shown["ImageHeight"] == cover.stated["ImageHeight"] == str(pixels)
    rebuilt = evidence.rebuild(rig.container.log, rig.container.composer, message(d)["id"])
    assert rebuilt.equal
    with rig.acting():
        _, receipt = read_receipt(
            rig.container.log, rig.container.asset_store, d.id, message(d)["id"]
        )
    sent = {file["path"]: file["sha256"] for file in receipt["files"]}
    assert not set(sent.values()) & {release.cover, *(track.audio for track in release.tracks)}


def test_a_form_that_is_wanted_from_now_on_is_a_change_and_sends_files_anew(
    rig: Rig, release: ReleaseMetadata
) -> None:
    d = live(rig, distribute(rig, release, MediaForm()))
    container = rig.container
    assert message(d)["form"] == {}
    with rig.acting():
        settings = rig.settings()
        wants = replace(settings, media=MediaForm(audio="wav_16_44"))
        container.targets.amend(d.target_id, wants, None)
        _, changes = container.distributions.changes(d.id)
        tried = container.dry_runs.of_distribution(d.id, Wanted.UPDATE)
        container.distributions.update(d.id, "They take WAV only.")

    assert [(c.field, c.before, c.after) for c in changes or ()] == [
        ("target.media", None, {"audio": "wav_16_44"})
    ]
    assert {(p.code, p.field) for p in tried.problems} == {
        ("rendition_missing", "tracks[0].audio"),
        ("rendition_missing", "tracks[1].audio"),
    }
    updated = live(rig, d.id)

    assert updated.status is Status.LIVE
    assert message(updated)["with_files"] is True
    assert [path.suffix for _, path in received(rig, updated)] == [".wav", ".wav", ".png"]
    composed = [e.message for e in rig.events(d.id) if isinstance(e, MessageComposed)]
    for one in composed:
        assert evidence.rebuild(container.log, container.composer, one["id"]).equal
    with rig.acting():
        again = container.dry_runs.of_distribution(d.id, Wanted.REDELIVERY)
    assert {state.state.value for state in again.resources} == {"same"}
    rig.take_down(d.id)
    assert live(rig, d.id).status is Status.REMOVED


def test_a_platform_that_refuses_a_form_gets_the_next_and_then_a_person_is_told(
    rig: Rig, release: ReleaseMetadata, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = MediaForm(audio="wav", other_audio=("flac", "mp3_320"))
    refused = {".wav", ".flac"}
    _refuse(monkeypatch, refused)
    id = distribute(rig, release, media)

    d = live(rig, id)

    assert d.status is Status.LIVE
    assert message(d)["form"] == {"audio": "mp3_320"}
    assert {path.suffix for _, path in received(rig, d)} == {".mp3", ".png"}
    adapted = [e for e in rig.events(id) if isinstance(e, ContentAdapted)]
    assert [(e.refused, e.audio) for e in adapted] == [("wav", "flac"), ("flac", "mp3_320")]

    refused.add(".mp3")
    with rig.acting():
        rig.container.distributions.redeliver(id, "again")
    assert work(rig, id).status is Status.NEEDS_ATTENTION
    last = next(e for e in reversed(rig.events(id)) if isinstance(e, AttemptFailed))
    assert (last.category, last.strategy) == ("content_format", "needs_a_person")


def test_a_form_that_the_platform_rejects_makes_way_for_the_next(
    rig: Rig, release: ReleaseMetadata
) -> None:
    d = live(rig, distribute(rig, release, MediaForm(audio="wav", other_audio=("flac",))))
    assert d.status is Status.LIVE
    reject(rig, d, "platform_resource_not_meeting_specifications")

    again = live(rig, d.id)
    assert again.status is Status.LIVE
    assert [path.suffix for _, path in received(rig, again)] == [".flac", ".flac", ".png"]
    reject(rig, again, "platform_metadata_missing")
    assert work(rig, d.id).status is Status.REJECTED  # that is nothing of its form


def reject(rig: Rig, d: Distribution, code: str) -> None:
    said = Acknowledgement(
        message_id=message(d)["id"],
        outcome=Outcome.REJECTED,
        status="ProcessingErrorAtReleaseDistributor",
        information="",
        problems=(Problem(code, "tracks", "A file is not what the platform takes."),),
    )
    with rig.acting():
        target = rig.container.targets.get(d.target_id)
        rig.container.follow_up.apply(target, "mail", "", code * 2, said)


def test_what_breaks_the_limits_of_its_platform_is_not_delivered_there(
    rig: Rig, release: ReleaseMetadata
) -> None:
    d = work(rig, distribute(rig, release, MediaForm(limits="spotify", audio="wav")))

    assert d.status is Status.NEEDS_ATTENTION
    why = rig.events(d.id)[-1]
    assert why.category == "content_format"
    told = {(problem["code"], problem["field"]) for problem in why.problems}
    assert told == {
        *(("sampling_rate", "tracks[0].audio"), ("bit_depth", "tracks[0].audio")),
        ("image_codec_not_taken", "cover"),
    }

    with rig.acting():
        wants = MediaForm(limits="spotify", audio="wav_16_44", artwork="jpeg_3000")
        rig.container.targets.amend(d.target_id, replace(rig.settings(), media=wants), None)
        rig.container.distributions.retry(d.id)
    assert live(rig, d.id).status is Status.LIVE


def _refuse(monkeypatch: pytest.MonkeyPatch, suffixes: set[str]) -> None:
    from deadwax.infrastructure.couriers.sftp import SftpCourier

    upload = SftpCourier.upload

    def guarded(self: Any, file: Any, **kwargs: Any) -> None:
        if Path(file.path).suffix in suffixes:
            raise DeliveryFailed(FailureCategory.CONTENT_FORMAT, f"415 for {file.path}")
        upload(self, file, **kwargs)

    monkeypatch.setattr(SftpCourier, "upload", guarded)
