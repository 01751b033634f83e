"""Small DDEX packages to hand to a DSP, and wrong ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

DSP, LABEL = "PADPIDA20261121020", "PADPIDA20261121011"
ICPN = "5901234123457"

_ERN = """<?xml version="1.0" encoding="UTF-8"?>
<ern:NewReleaseMessage xmlns:ern="http://ddex.net/xml/ern/43" LanguageAndScriptCode="en"
    ReleaseProfileVersionId="Audio" AvsVersionId="3">
  <MessageHeader>
    <MessageId>{message_id}</MessageId>
    <MessageSender><PartyId>{sender}</PartyId></MessageSender>
    <MessageRecipient><PartyId>{recipient}</PartyId></MessageRecipient>
    <MessageCreatedDateTime>2026-01-02T03:04:05Z</MessageCreatedDateTime>
    <MessageControlType>{control_type}</MessageControlType>
  </MessageHeader>
  <PartyList>
    <Party><PartyReference>P1</PartyReference><PartyName><FullName>Duo</FullName></PartyName></Party>
  </PartyList>
  <ResourceList>
    <SoundRecording>
      <ResourceReference>A1</ResourceReference>
      <Type>MusicalWorkSoundRecording</Type>
      <SoundRecordingEdition>
        <ResourceId><ISRC>{isrc}</ISRC></ResourceId>
        {details}
      </SoundRecordingEdition>
      <DisplayTitleText>{title}</DisplayTitleText>
      <DisplayTitle><TitleText>{title}</TitleText></DisplayTitle>
      <DisplayArtistName>Duo</DisplayArtistName>
      <DisplayArtist>
        <ArtistPartyReference>P1</ArtistPartyReference>
        <DisplayArtistRole>MainArtist</DisplayArtistRole>
      </DisplayArtist>
      <Duration>PT1M</Duration>
      <ParentalWarningType>NotExplicit</ParentalWarningType>
    </SoundRecording>
  </ResourceList>
  <ReleaseList>
    <Release>
      <ReleaseReference>R0</ReleaseReference>
      <ReleaseType>Single</ReleaseType>
      <ReleaseId><ICPN>{icpn}</ICPN></ReleaseId>
      <DisplayTitleText>{title}</DisplayTitleText>
      <DisplayTitle><TitleText>{title}</TitleText></DisplayTitle>
      <DisplayArtistName>Duo</DisplayArtistName>
      <DisplayArtist>
        <ArtistPartyReference>P1</ArtistPartyReference>
        <DisplayArtistRole>MainArtist</DisplayArtistRole>
      </DisplayArtist>
      <ReleaseLabelReference>P1</ReleaseLabelReference>
      <Genre><GenreText>Pop</GenreText></Genre>
      <ParentalWarningType>NotExplicit</ParentalWarningType>
      <ResourceGroup>
        <ResourceGroupContentItem>
          <ReleaseResourceReference>A1</ReleaseResourceReference>
        </ResourceGroupContentItem>
      </ResourceGroup>
    </Release>
  </ReleaseList>
  {deals}
</ern:NewReleaseMessage>
"""
_DETAILS = """<TechnicalDetails>
          <TechnicalResourceDetailsReference>T1</TechnicalResourceDetailsReference>
          <DeliveryFile>
            <Type>AudioFile</Type>
            <File><URI>{uri}</URI>{hash_sum}{file_size}</File>
            <IsProvidedInDelivery>{provided}</IsProvidedInDelivery>
          </DeliveryFile>
        </TechnicalDetails>"""
_DEALS = """<DealList><ReleaseDeal><DealReleaseReference>R0</DealReleaseReference><Deal><DealTerms>
    <TerritoryCode>Worldwide</TerritoryCode>
    <ValidityPeriod><StartDate>2026-01-01</StartDate></ValidityPeriod>
    <CommercialModelType>SubscriptionModel</CommercialModelType>
    <UseType>OnDemandStream</UseType>
  </DealTerms></Deal></ReleaseDeal></DealList>"""
_MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<m:ManifestMessage xmlns:m="http://ddex.net/xml/{version}" MessageVersionId="{version}"{avs}>
  <MessageHeader>
    <MessageSender><PartyId>{sender}</PartyId></MessageSender>
    <MessageRecipient><PartyId>{recipient}</PartyId></MessageRecipient>
    <MessageCreatedDateTime>2026-01-02T03:04:05Z</MessageCreatedDateTime>
  </MessageHeader>
  <IsTestFlag>{is_test}</IsTestFlag>
  <RootDirectory>{folder}</RootDirectory>
  <NumberOfMessages>{count}</NumberOfMessages>
  <MessageInBatch>
    <MessageType>NewReleaseMessage</MessageType>
    <MessageId>{message_id}</MessageId>
    <URL>./{icpn}/{icpn}.xml</URL>
    <IncludedReleaseId><ICPN>{icpn}</ICPN></IncludedReleaseId>
    <DeliveryType>{delivery}</DeliveryType>
    <ProductType>AudioProduct</ProductType>
    <HashSum><{value}>{ern_md5}</{value}>
      <HashSumAlgorithmType>MD5</HashSumAlgorithmType></HashSum>
  </MessageInBatch>
</m:ManifestMessage>
"""


@dataclass
class Package:
    """A valid package of one release with one track, until a field is changed.

    `change_ern` and `change_manifest` edit the finished text; the manifest states the digest
    of the changed ERN.
    """

    batch_id: str = "20260102030405000"
    message_id: str = "M1"
    icpn: str = ICPN
    isrc: str = "QZABC2600001"
    title: str = "Song"
    sender: str = LABEL
    recipient: str = DSP
    control_type: str = "TestMessage"
    is_test: str = "true"
    delivery: str = "NewReleaseDelivery"
    count: str = "1"
    audio: bytes = b"RIFF audio"
    uri: str = f"resources/{ICPN}_01_001.wav"
    hash_sum: str | None = None
    file_size: str | None = None
    provided: str = "true"
    deals: str = _DEALS
    manifest_sender: str | None = None
    manifest_recipient: str | None = None
    version: str = "ern-c-sftp/18"
    single: bool = False
    md5s: bool = False
    marker: str | None = None
    change_ern: Callable[[str], str] = field(default=lambda text: text)
    change_manifest: Callable[[str], str] = field(default=lambda text: text)

    @property
    def folder(self) -> str:
        release = f"{self.icpn}_" if self.single else ""
        return f"{'' if self.version == 'ern-c/15' else 'N_'}{release}{self.batch_id}"

    def takedown(self) -> Package:
        """The same message without deals and without files."""
        self.deals, self.uri, self.delivery = "", "", "TakeDown"
        return self

    def ern(self) -> bytes:
        size = len(self.audio) / 1000 if self.file_size is None else self.file_size
        details = _DETAILS.format(
            uri=self.uri,
            hash_sum=hash_sum("MD5", hashlib.md5(self.audio).hexdigest())
            if self.hash_sum is None
            else self.hash_sum,
            file_size=f"<FileSize>{size}</FileSize>" if size else "",
            provided=self.provided,
        )
        values = vars(self) | {"details": details if self.uri else ""}
        return self.change_ern(_ERN.format(**values)).encode()

    def manifest(self) -> bytes:
        values = vars(self) | {
            "folder": self.folder,
            "sender": self.manifest_sender or self.sender,
            "recipient": self.manifest_recipient or self.recipient,
            "ern_md5": hashlib.md5(self.ern()).hexdigest(),
            "avs": ' AvsVersionId="4"' if self.version == "ern-c-sftp/18" else "",
            "value": "HashSumValue" if self.version == "ern-c-sftp/18" else "HashSum",
        }
        return self.change_manifest(_MANIFEST.format(**values)).encode()

    def files(self) -> dict[str, bytes]:
        """Paths below the target's root, what completes the package last."""
        release = self.folder if self.single else f"{self.folder}/{self.icpn}"
        files = {f"{release}/resources/{ICPN}_01_001.wav": self.audio} if self.uri else {}
        files[f"{release}/{self.icpn}.xml"] = self.ern()
        if self.md5s:
            files = dict(both for path, data in files.items() for both in _both(path, data))
        if not self.single:
            files[f"{self.folder}/BatchComplete_{self.batch_id}.xml"] = self.manifest()
        if self.marker is not None:
            files[f"{self.folder}/{self.marker}"] = b""
        return files

    def write(self, upload: Path) -> None:
        for path, data in self.files().items():
            (upload / path).parent.mkdir(parents=True, exist_ok=True)
            (upload / path).write_bytes(data)


def _both(path: str, data: bytes) -> list[tuple[str, bytes]]:
    """A file after its checksum."""
    line = f"{hashlib.md5(data).hexdigest()}  {path.rpartition('/')[2]}\n"
    return [(f"{path}.md5", line.encode()), (path, data)]


def hash_sum(algorithm: str, value: str, data_type: str = "") -> str:
    kind = f"<DataType>{data_type}</DataType>" if data_type else ""
    return (
        f"<HashSum><Algorithm>{algorithm}</Algorithm>{kind}"
        f"<HashSumValue>{value}</HashSumValue></HashSum>"
    )
