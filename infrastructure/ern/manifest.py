"""The manifest of a batch: the file that names its messages."""

from __future__ import annotations

from dataclasses import dataclass

from deadwax.application.messages import BatchEntry, BatchSpec
from deadwax.domain.choreography_versions import ChoreographyVersion
from deadwax.domain.target import Mode, Party
from deadwax.infrastructure.ern.versions import CHOREOGRAPHIES
from deadwax.infrastructure.ern.xml import Element, maybe, root, tag, timestamp


@dataclass(frozen=True)
class ManifestForm:
    """How the versions differ: the root's prefix and version, and the element of a hash, None
    where it is not known and so, being optional, left out."""

    prefix: str
    version_id: str
    hash_value: str | None


# No XSD is at hand for two of them. 1.5: DDEX's data dictionary of 2014-01-15 (ern-c), and
# messages of that namespace. 1.7: that of 2018-08-07, which does not tell how a hash is said.
FORMS: dict[ChoreographyVersion, ManifestForm] = {
    ChoreographyVersion.V15: ManifestForm("ern-c", "1.5", "HashSum"),
    ChoreographyVersion.V16: ManifestForm("ern-c-sftp", "ern-c-sftp/16", "HashSum"),
    ChoreographyVersion.V17: ManifestForm("ern-c-sftp", "ern-c-sftp/17", None),
    ChoreographyVersion.V18: ManifestForm("ern-c-sftp", "ern-c-sftp/18", "HashSumValue"),
}


def manifest_message(spec: BatchSpec) -> Element:
    form, standard = FORMS[spec.version], CHOREOGRAPHIES[spec.version]
    avs = {} if standard.avs is None else {"AvsVersionId": standard.avs}
    message = root(
        "ManifestMessage",
        standard.namespace,
        standard.location,
        form.prefix,
        MessageVersionId=form.version_id,
        **avs,
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
            tag("RootDirectory", spec.root),
            tag("NumberOfMessages", len(spec.entries)),
            *(_entry(entry, form) for entry in spec.entries),
        ]
    )
    return message


def _entry(entry: BatchEntry, form: ManifestForm) -> Element:
    return tag(
        "MessageInBatch",
        tag("MessageType", "NewReleaseMessage"),
        tag("MessageId", entry.message_id),
        tag("URL", entry.url),
        tag("IncludedReleaseId", maybe("GRid", entry.grid), maybe("ICPN", entry.icpn)),
        tag("DeliveryType", entry.delivery.value),
        tag("ProductType", entry.product.value),
        form.hash_value and _hash_sum(form.hash_value, entry.md5),
    )


def _hash_sum(value: str, md5: str) -> Element:
    return tag(
        "HashSum",
        tag(value, md5),
        tag("HashSumAlgorithmType", "MD5"),
        tag("HashSumDataType", "HexBinary"),
    )


def _party(name: str, party: Party) -> Element:
    return tag(
        name,
        tag("PartyId", party.dpid, IsDPID="true"),
        tag("PartyName", tag("FullName", party.name)),
    )
