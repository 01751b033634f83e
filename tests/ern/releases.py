"""Releases of every profile, and the files that they name: what the ERN tests are about."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.assets import AssetFacts, AudioFacts, ImageFacts, TextFacts, VideoFacts
from deadwax.domain.deals import Deal, InstantGratification, Price, RightsHeld, Visibility
from deadwax.domain.identifiers import Dpid, Grid, Icpn, IpiName, Ipn, Isni, Isrc, Iswc, Sha256
from deadwax.domain.metadata import Attachment, DiscTitle, RelatedRelease, ReleaseMetadata
from deadwax.domain.parties import Artist, ArtistName, Contributor, LocalName, ProprietaryId
from deadwax.domain.target import ErnVersion, Mode, Party
from deadwax.domain.tenant import Label
from deadwax.domain.territories import Territories, Territory
from deadwax.domain.texts import Currency, Language, Moment, Name, Paragraph, PartialDate
from deadwax.domain.tracks import (
    EventDate,
    ImmersiveEdition,
    LocalTitle,
    RelatedRecording,
    RightsLine,
    TerritoryWarning,
    Track,
)
from deadwax.domain.vocabulary import (
    ArtistRole,
    AssetKind,
    AttachmentKind,
    ClaimPolicy,
    CommercialModel,
    Compilation,
    ParentalWarning,
    RecordingKind,
    ReleaseType,
    UseType,
)

WORLD = Territories(included=(Territory("Worldwide"),))
LINE = RightsLine(year=2026, text=Name("Run-out Records"))
ADA = Artist(name=Name("Ada Lathe"), role=ArtistRole.MAIN, isni=Isni("0000000121032683"), ipi=None)
BEN = Artist(name=Name("Ben Stamper"), role=ArtistRole.FEATURED)
SENDER = Party(dpid=Dpid("PADPIDA2013042401U"), name=Name("Deadwax Distribution"))
RECIPIENT = Party(dpid=Dpid("PADPIDA2009101501Y"), name=Name("Sandbox DSP"))
LABEL = Label(name=Name("Run-out Records"), dpid=Dpid("PADPIDA2007050901U"))
JAPANESE = Language("ja-Jpan")
OURS = Name(LABEL.dpid or "")


def digest(name: str) -> Sha256:
    return Sha256(hashlib.sha256(name.encode()).hexdigest())


def _asset(name: str, kind: AssetKind, size: int) -> AssetFacts:
    md5 = hashlib.md5(name.encode()).hexdigest()
    return AssetFacts(sha256=digest(name), md5=md5, size=size, filename=name, kind=kind)


def audio(name: str, duration_ms: int, container: str = "WAV") -> AssetFacts:
    facts = AudioFacts(
        container=container,
        codec="FLAC" if container == "FLAC" else "PCM",
        channels=2,
        sampling_rate=44_100,
        bits_per_sample=16,
        duration_ms=duration_ms,
    )
    return replace(_asset(name, AssetKind.AUDIO, duration_ms * 176 + 44), audio=facts)


def atmos(name: str, duration_ms: int) -> AssetFacts:
    facts = AudioFacts(
        container="WAV",
        codec="PCM",
        channels=12,
        sampling_rate=48_000,
        bits_per_sample=24,
        duration_ms=duration_ms,
        immersive="DolbyAtmos",
    )
    return replace(_asset(name, AssetKind.AUDIO, duration_ms * 1728 + 44), audio=facts)


def picture(name: str, codec: str = "JPEG") -> AssetFacts:
    facts = ImageFacts(codec=codec, width=3000, height=3000)
    return replace(_asset(name, AssetKind.IMAGE, 812_345), image=facts)


def film(name: str, duration_ms: int) -> AssetFacts:
    facts = VideoFacts(
        container="MP4",
        codec="AVC",
        width=1920,
        height=1080,
        duration_ms=duration_ms,
        frame_rate="25",
        audio_codec="AAC",
        audio_channels=2,
        audio_sampling_rate=48_000,
    )
    return replace(_asset(name, AssetKind.VIDEO, duration_ms * 1000), video=facts)


def document(name: str, codec: str = "PDF") -> AssetFacts:
    return replace(_asset(name, AssetKind.TEXT, 98_765), text=TextFacts(codec=codec))


ASSETS = {
    facts.sha256: facts
    for facts in (
        audio("1-1", 181_400),
        audio("1-2", 3_661_500),
        audio("2-1", 59_999),
        *(audio(f"1-{n}", 180_000 + 1000 * n) for n in range(3, 13)),
        audio("2-2", 240_000),
        audio("flac", 215_000, container="FLAC"),
        atmos("atmos", 181_400),
        picture("cover"),
        picture("png", codec="PNG"),
        picture("back"),
        picture("screen"),
        film("video-1", 201_000),
        film("video-2", 187_500),
        film("concert", 5_400_000),
        film("motion", 12_000),
        document("booklet"),
        document("lyrics", codec="LRC"),
    )
}


def track(disc: int, number: int, title: str) -> Track:
    return Track(
        disc=disc,
        number=number,
        isrc=Isrc(f"QZDWX26{disc:02d}{number:03d}"),
        title=Name(title),
        artists=(ADA,),
        genre=Name("Electronic"),
        language=Language("en"),
        instrumental=False,
        parental_warning=ParentalWarning.NOT_EXPLICIT,
        p_line=LINE,
        audio=digest(f"{disc}-{number}"),
    )


def clip(number: int, title: str, file: str = "") -> Track:
    video = digest(file or f"video-{number}")
    return replace(track(1, number, title), audio=None, video=video, c_line=LINE)


def stream(**changes: object) -> Deal:
    deal = Deal(
        territories=WORLD,
        models=(CommercialModel.SUBSCRIPTION, CommercialModel.ADVERTISEMENT_SUPPORTED),
        uses=(UseType.ON_DEMAND_STREAM, UseType.NON_INTERACTIVE_STREAM),
        start=Moment("2026-12-04"),
        end=Moment("2031-01-01"),
    )
    return replace(deal, **changes)  # type: ignore[arg-type]


def album() -> ReleaseMetadata:
    """Two discs, and most of what releases usually say."""
    composer = Contributor(
        name=Name("Carla Groove"),
        roles=(Name("Composer"), Name("Lyricist")),
        ipi=IpiName("00014107338"),
    )
    player = Contributor(
        name=Name("Ben Stamper"), roles=(Name("Performer"),), instruments=(Name("Violin"),)
    )
    return ReleaseMetadata(
        title=Name("Etched & <Played>"),
        type=ReleaseType.ALBUM,
        label=Name("Run-out Records"),
        icpn=Icpn("5901234123457"),
        grid=Grid("A12425GABC1234002M"),
        catalogue_number=Name("ROR-001"),
        version=Name("Deluxe Edition"),
        titles=(LocalTitle(language=JAPANESE, text=Name("溝に刻む")),),
        artists=(ADA, BEN),
        contributors=(Contributor(name=Name("Dora Press"), roles=(Name("StudioProducer"),)),),
        genre=Name("Electronic"),
        sub_genre=Name("Ambient"),
        language=Language("en"),
        p_line=LINE,
        c_line=RightsLine(year=2026, text=Name("© 2026 Run-out Records")),
        release_date=date(2026, 12, 4),
        original_release_date=date(2026, 11, 27),
        parental_warning=ParentalWarning.EXPLICIT,
        cover=digest("cover"),
        tracks=(
            replace(
                track(1, 1, "Lead-in Groove"),
                iswc=Iswc("T0345246801"),
                version=Name("Remastered"),
                titles=(LocalTitle(language=JAPANESE, text=Name("導入溝")),),
                artists=(ADA, BEN),
                contributors=(composer, player),
                preview_start=5,
            ),
            replace(track(1, 2, "Lacquer"), parental_warning=ParentalWarning.EXPLICIT),
            replace(track(2, 1, "Run-out"), language=Language("zxx"), instrumental=True),
        ),
        rights=(RightsHeld(territories=WORLD),),
        deals=(
            Deal(
                territories=Territories(excluded=(Territory("JP"), Territory("US"))),
                models=(CommercialModel.PAY_AS_YOU_GO,),
                uses=(UseType.PERMANENT_DOWNLOAD,),
                start=Moment("2026-12-04"),
                price=Price(amount=Decimal("5.49"), currency=Currency("EUR")),
                pre_order_from=Moment("2026-11-06"),
            ),
            stream(),
        ),
    )


def plain_album() -> ReleaseMetadata:
    """Twelve tracks, as most albums are: one artist, a composer each, sale and streams."""
    writer = Contributor(name=Name("Carla Groove"), roles=(Name("ComposerLyricist"),))
    tracks = [replace(track(1, n, f"Side {n}"), contributors=(writer,)) for n in range(1, 13)]
    return replace(
        album(),
        title=Name("Lacquer Cuts"),
        grid=None,
        version=None,
        titles=(),
        artists=(ADA,),
        contributors=(),
        sub_genre=None,
        tracks=tuple(tracks),
        deals=(
            stream(
                models=(CommercialModel.PAY_AS_YOU_GO,),
                uses=(UseType.PERMANENT_DOWNLOAD,),
                end=None,
            ),
            stream(end=None),
        ),
    )


def single() -> ReleaseMetadata:
    """One recording of type Single, delivered as FLAC with a PNG."""
    return replace(
        album(),
        title=Name("Locked Groove"),
        type=ReleaseType.SINGLE,
        grid=None,
        catalogue_number=None,
        version=None,
        titles=(),
        artists=(ADA,),
        contributors=(),
        sub_genre=None,
        cover=digest("png"),
        tracks=(replace(track(1, 1, "Locked Groove"), audio=digest("flac")),),
        deals=album().deals[1:],
    )


def _like_single(type: ReleaseType, *tracks: Track) -> ReleaseMetadata:
    return replace(single(), type=type, tracks=tracks)


def maxi_single() -> ReleaseMetadata:
    """A Single of two tracks."""
    return _like_single(ReleaseType.SINGLE, track(1, 1, "A Side"), track(1, 2, "B Side"))


def video_single() -> ReleaseMetadata:
    return _like_single(ReleaseType.VIDEO_SINGLE, clip(1, "Locked Groove"))


def video_album() -> ReleaseMetadata:
    """Two videos, each with a screen capture of its own."""
    tracks = (clip(1, "Locked Groove"), replace(clip(2, "Run-in"), preview_start=3))
    screens = tuple(
        Attachment(kind=AttachmentKind.VIDEO_SCREEN_CAPTURE, file=digest("screen"), isrc=track.isrc)
        for track in tracks
    )
    return replace(_like_single(ReleaseType.VIDEO_ALBUM, *tracks), attachments=screens)


def mixed_media() -> ReleaseMetadata:
    return _like_single(
        ReleaseType.MULTIMEDIA_ALBUM, track(1, 1, "A Side"), clip(2, "A Side, the Film")
    )


def ringtone() -> ReleaseMetadata:
    of = RelatedRelease(relationship=Name("IsReleaseFromRelease"), icpn=Icpn("4006381333931"))
    release = _like_single(ReleaseType.RINGTONE, track(1, 1, "Lacquer (Ring)"))
    deal = stream(models=(CommercialModel.PAY_AS_YOU_GO,), uses=(UseType.RINGTONE,))
    return replace(release, related=(of,), deals=(deal,))


def long_form() -> ReleaseMetadata:
    concert = replace(clip(1, "Live at the Plant", "concert"), kind=RecordingKind.LONG_FORM_VIDEO)
    release = _like_single(ReleaseType.LONG_FORM_VIDEO, concert)
    booklet = Attachment(kind=AttachmentKind.BOOKLET, file=digest("booklet"))
    return replace(release, attachments=(booklet,))


def dj_mix() -> ReleaseMetadata:
    return _like_single(ReleaseType.DJ_MIX, track(1, 1, "In the Mix"), track(1, 2, "Out of It"))


def classical() -> ReleaseMetadata:
    conductor = Artist(name=Name("Clara Bow"), role=ArtistRole.MAIN, roles=(Name("Conductor"),))
    orchestra = Artist(
        name=Name("The Plant Orchestra"), role=ArtistRole.MAIN, roles=(Name("Orchestra"),)
    )
    composer = Contributor(name=Name("Gustav Groove"), roles=(Name("Composer"),))
    tracks = [
        replace(
            track(1, n, f"Symphony No. 1: {n}"),
            artists=(conductor, orchestra),
            contributors=(composer,),
        )
        for n in (1, 2)
    ]
    release = _like_single(ReleaseType.CLASSICAL_ALBUM, *tracks)
    return replace(release, artists=(conductor, orchestra), genre=Name("Classical"))


def boxed_set() -> ReleaseMetadata:
    discs = (
        DiscTitle(disc=1, title=Name("The Mono Cuts")),
        DiscTitle(disc=2, title=Name("The Stereo Cuts")),
    )
    release = _like_single(
        ReleaseType.BOXED_SET, track(1, 1, "A"), track(1, 2, "B"), track(2, 1, "C")
    )
    return replace(release, disc_titles=discs)


def classical_boxed_set() -> ReleaseMetadata:
    return replace(boxed_set(), type=ReleaseType.CLASSICAL_BOXED_SET)


def immersive() -> ReleaseMetadata:
    edition = ImmersiveEdition(isrc=Isrc("QZDWX2699001"), audio=digest("atmos"))
    first = replace(track(1, 1, "Lead-in Groove"), immersive=edition)
    return replace(album(), tracks=(first, track(1, 2, "Lacquer")))


def _everybody() -> tuple[Artist, Contributor]:
    artist = Artist(
        name=Name("Ädä Lathe"),
        role=ArtistRole.MAIN,
        roles=(Name("Vocalist"), Name("Orchestra")),
        indexed=Name("Lathe, Ädä"),
        ascii=Name("Ada Lathe"),
        names=(LocalName(language=JAPANESE, text=Name("エイダ"), indexed=Name("えいだ")),),
        isni=Isni("0000000121032683"),
        ipi=IpiName("00014107338"),
        ipn=Ipn("10012345"),
        dpid=Dpid("PADPIDA2009101501Y"),
        ids=(ProprietaryId(namespace=OURS, value=Name("artist-1")),),
    )
    player = Contributor(
        name=Name("Ben Stamper"),
        roles=(Name("Performer"), Name("Composer")),
        instruments=(Name("Violin"), Name("12-StringGuitar")),
    )
    return artist, player


def _full_track() -> Track:
    artist, player = _everybody()
    return replace(
        track(1, 1, "Lead-in Groove"),
        kind=RecordingKind.MUSIC,
        iswc=Iswc("T0345246801"),
        ids=(ProprietaryId(namespace=OURS, value=Name("track-1")),),
        version=Name("Live"),
        version_types=(Name("LiveVersion"), Name("AlbumVersion")),
        titles=(LocalTitle(language=JAPANESE, text=Name("導入溝"), version=Name("ライブ")),),
        artists=(artist, BEN, replace(BEN, name=Name("Cy Pressing"), role=ArtistRole.ARTIST)),
        artist_names=(
            ArtistName(text=Name("Ädä Lathe with Ben Stamper")),
            ArtistName(text=Name("エイダ"), language=JAPANESE),
        ),
        contributors=(player,),
        sub_genre=Name("Ambient"),
        other_languages=(Language("ja-Latn"),),
        cover_version=True,
        parental_warning=ParentalWarning.EXPLICIT,
        parental_warnings=(
            TerritoryWarning(
                territories=Territories(included=(Territory("DE"), Territory("AT"))),
                warning=ParentalWarning.NO_ADVICE_AVAILABLE,
            ),
        ),
        c_line=LINE,
        courtesy_line=Name("Ben Stamper appears courtesy of Plant Records"),
        recorded=EventDate(date=PartialDate("1993-12"), approximate=True),
        mastered=EventDate(date=PartialDate("1994")),
        remastered=EventDate(date=PartialDate("2026-01-31")),
        first_published=EventDate(date=PartialDate("1994-02-01"), approximate=True),
        related=(
            RelatedRecording(
                relationship=Name("IsCoverOf"), isrc=Isrc("QZDWX9400001"), title=Name("Groove")
            ),
        ),
        keywords=(Name("vinyl"), Name("groove")),
        marketing_comment=Name("The single"),
        bonus=True,
        hidden=True,
        pre_order_incentive=True,
        preview_start=5,
        preview_length=30,
        duration=181,
        immersive=ImmersiveEdition(isrc=Isrc("QZDWX2699001"), audio=digest("atmos"), p_line=LINE),
    )


def _full_deals() -> tuple[Deal, ...]:
    first, second = Isrc("QZDWX2601001"), Isrc("QZDWX2601002")
    return (
        Deal(
            territories=Territories(included=(Territory("DE"), Territory("AT"))),
            models=(CommercialModel.PAY_AS_YOU_GO,),
            uses=(UseType.PERMANENT_DOWNLOAD, UseType.CONDITIONAL_DOWNLOAD),
            start=Moment("2026-12-04T09:00:00"),
            price=Price(amount=Decimal("5.49"), currency=Currency("EUR")),
            pre_order_from=Moment("2026-11-06"),
            pre_order_price=Price(tier=Name("FRONT"), tier_namespace=OURS),
            instant_gratification=(
                InstantGratification(isrc=first, start=Moment("2026-11-06")),
                InstantGratification(isrc=second, start=Moment("2026-11-20")),
            ),
            channels=(ProprietaryId(namespace=OURS, value=Name("store")),),
            promotional=True,
            promotional_code=Name("LAUNCH"),
        ),
        Deal(
            territories=Territories(included=(Territory("FR"),)),
            models=(CommercialModel.PAY_AS_YOU_GO, CommercialModel.FREE_OF_CHARGE),
            uses=(UseType.PERMANENT_DOWNLOAD,),
            start=Moment("2026-12-04"),
            price=Price(tier=Name("MID"), tier_namespace=OURS),
            promotional=False,
            whole_only=True,
        ),
        stream(start=Moment("2026-12-11T00:00:00Z"), end=Moment("2031-01-01T00:00:00+01:00")),
        Deal(
            territories=Territories(excluded=(Territory("DE"), Territory("US"))),
            models=(CommercialModel.RIGHTS_CLAIM,),
            uses=(UseType.USER_MADE_LABEL_PROVIDED, UseType.USER_MADE_USER_PROVIDED),
            start=Moment("2026-12-04"),
            claim_policy=ClaimPolicy.MONETIZE,
        ),
        Deal(
            territories=Territories(included=(Territory("FR"),)),
            models=(CommercialModel.PAY_AS_YOU_GO,),
            uses=(UseType.PERMANENT_DOWNLOAD,),
            start=Moment("2026-12-04"),
            price=Price(amount=Decimal("0.69"), currency=Currency("EUR")),
            tracks=(first, second),
            recipients=(RECIPIENT.dpid,),
        ),
        stream(
            territories=Territories(included=(Territory("US"),)),
            models=(CommercialModel.DEVICE_FEE,),
            recipients=(SENDER.dpid,),
        ),
    )


def full() -> ReleaseMetadata:
    """Two discs, and everything that a release can say. Deals are for several platforms."""
    artist, player = _everybody()
    return replace(
        album(),
        ids=(ProprietaryId(namespace=OURS, value=Name("release-1")),),
        version_types=(Name("AlbumVersion"),),
        disc_titles=(
            DiscTitle(disc=1, title=Name("Inner")),
            DiscTitle(disc=2, title=Name("Outer")),
        ),
        artists=(artist, BEN),
        artist_names=(
            ArtistName(text=Name("Ädä Lathe with Ben Stamper")),
            ArtistName(text=Name("エイダ"), language=JAPANESE),
        ),
        contributors=(player,),
        compilation=Compilation.SINGLE_ARTIST,
        courtesy_line=Name("Courtesy of Plant Records"),
        parental_warnings=(
            TerritoryWarning(
                territories=Territories(included=(Territory("DE"),)),
                warning=ParentalWarning.NOT_EXPLICIT,
            ),
        ),
        related=(
            RelatedRelease(
                relationship=Name("IsDigitalEquivalentToPhysical"),
                icpn=Icpn("4006381333931"),
                grid=Grid("A12425GABC1234002M"),
                ids=(ProprietaryId(namespace=OURS, value=Name("lp-1")),),
                title=Name("Etched (LP)"),
            ),
            RelatedRelease(relationship=Name("HasSameArtist"), isrc=Isrc("QZDWX9400001")),
        ),
        keywords=(Name("vinyl"), Name("lathe")),
        synopsis=Paragraph("How it was cut.\nAnd pressed."),
        marketing_comment=Paragraph("Out in December."),
        cover_id=ProprietaryId(namespace=OURS, value=Name("cover-1")),
        attachments=(
            Attachment(kind=AttachmentKind.BACK_COVER, file=digest("back")),
            Attachment(
                kind=AttachmentKind.BOOKLET,
                file=digest("booklet"),
                id=ProprietaryId(namespace=OURS, value=Name("booklet-1")),
                title=Name("The Booklet"),
                language=Language("en"),
                parental_warning=ParentalWarning.NOT_EXPLICIT,
            ),
            Attachment(
                kind=AttachmentKind.LYRICS,
                file=digest("lyrics"),
                isrc=Isrc("QZDWX2601001"),
                language=Language("en"),
            ),
            Attachment(kind=AttachmentKind.MOTION_ART, file=digest("motion")),
        ),
        tracks=(
            _full_track(),
            replace(track(1, 2, "Lacquer"), parental_warning=ParentalWarning.EXPLICIT),
            replace(track(2, 1, "Run-out"), language=Language("zxx"), instrumental=True),
        ),
        deals=_full_deals(),
        visibility=(
            Visibility(
                release=Moment("2026-11-01T00:00:00Z"),
                cover=Moment("2026-11-02"),
                track_list=Moment("2026-11-03T12:00:00"),
                clips=Moment("2026-11-04"),
            ),
            Visibility(
                release=Moment("2026-11-05"),
                territories=Territories(included=(Territory("JP"),)),
            ),
        ),
    )


RELEASES: dict[str, Callable[[], ReleaseMetadata]] = {
    make.__name__: make
    for make in (
        album,
        plain_album,
        full,
        single,
        maxi_single,
        video_single,
        video_album,
        mixed_media,
        ringtone,
        long_form,
        dj_mix,
        classical,
        boxed_set,
        classical_boxed_set,
        immersive,
    )
}


def spec_of(
    release: ReleaseMetadata,
    kind: MessageKind = MessageKind.INITIAL,
    ern: ErnVersion = ErnVersion.V43,
) -> MessageSpec:
    """A message to RECIPIENT about `release`, before it is out."""
    return MessageSpec(
        kind=kind,
        message_id=f"0f8fad5bd9cb469fa16570867728950e.{list(MessageKind).index(kind) + 1}",
        thread_id="0f8fad5bd9cb469fa16570867728950e",
        created_at=datetime(2026, 10, 1, 12, 30, 15, tzinfo=UTC),
        mode=Mode.TEST,
        ern=ern,
        sender=SENDER,
        recipient=RECIPIENT,
        label=LABEL,
        release=release,
        assets=ASSETS,
    )
