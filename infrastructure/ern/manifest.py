"""The manifest of a batch: the last file uploaded, which tells the DSP to begin."""

from __future__ import annotations

from deadwax.application.messages import BatchSpec, MessageKind
from deadwax.domain.target import Mode, Party
from deadwax.infrastructure.ern.versions import CHOREOGRAPHY
from deadwax.infrastructure.ern.xml import Element, maybe, root, tag, timestamp

# DDEX MessageActionType. An update is the whole release again.
_DELIVERY_TYPES = {
    MessageKind.INITIAL: "NewReleaseDelivery",
    MessageKind.UPDATE: "ReDelivery",
    MessageKind.TAKEDOWN: "TakeDown",
}


def manifest_message(spec: BatchSpec) -> Element:
    message = root(
        "ManifestMessage",
        CHOREOGRAPHY.namespace,
        CHOREOGRAPHY.location,
        "ern-c-sftp",
        MessageVersionId="ern-c-sftp/18",
        AvsVersionId=CHOREOGRAPHY.avs or "",
    )
    message.extend(
        [
            tag(
                "MessageHeader",
                _party("MessageSender", spec.sender),
                _party("MessageRecipient", spec.recipient),
                tag("MessageCreatedDateTime", timestamp(spec.created_at)),
            ),
            tag("IsTestFlag", spec.mode is Mode.TEST),
            tag("RootDirectory", f"N_{spec.batch_id}"),
            tag("NumberOfMessages", 1),
            _entry(spec),
        ]
    )
    return message


def _entry(spec: BatchSpec) -> Element:
    return tag(
        "MessageInBatch",
        tag("MessageType", "NewReleaseMessage"),
        tag("MessageId", spec.message_id),
        tag("URL", spec.message_url),
        tag("IncludedReleaseId", maybe("GRid", spec.grid), tag("ICPN", spec.icpn)),
        tag("DeliveryType", _DELIVERY_TYPES[spec.kind]),
        tag("ProductType", "AudioProduct"),
        tag(
            "HashSum",
            tag("HashSumValue", spec.message_md5),
            tag("HashSumAlgorithmType", "MD5"),
            tag("HashSumDataType", "HexBinary"),
        ),
    )


def _party(name: str, party: Party) -> Element:
    return tag(
        name,
        tag("PartyId", party.dpid, IsDPID="true"),
        tag("PartyName", tag("FullName", party.name)),
    )
