"""NewReleaseMessage and PurgeReleaseMessage: root, header and the order of the sections."""

from __future__ import annotations

from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.target import Mode, Party
from deadwax.infrastructure.ern.contents import Contents
from deadwax.infrastructure.ern.three import details, parties
from deadwax.infrastructure.ern.three.deals import deal_list
from deadwax.infrastructure.ern.three.profiles import profile_name
from deadwax.infrastructure.ern.three.recordings import Shown
from deadwax.infrastructure.ern.three.releases import release_list
from deadwax.infrastructure.ern.three.resources import resource_list
from deadwax.infrastructure.ern.three.sequences import SEQUENCES
from deadwax.infrastructure.ern.versions import ERN
from deadwax.infrastructure.ern.write import Writer, leaf, node
from deadwax.infrastructure.ern.xml import XSI, timestamp

_CONTROL_TYPES = {Mode.LIVE: "LiveMessage", Mode.TEST: "TestMessage"}
# Deprecated by DDEX, and still what platforms on 3.8.x go by. A takedown changes what was sent.
_INDICATORS = {
    MessageKind.INITIAL: "OriginalMessage",
    MessageKind.UPDATE: "UpdateMessage",
    MessageKind.TAKEDOWN: "UpdateMessage",
}


def writer(spec: MessageSpec) -> Writer:
    """Of the version that the spec asks for."""
    return Writer(ERN[spec.ern], SEQUENCES[spec.ern])


def new_release_message(w: Writer, spec: MessageSpec, contents: Contents) -> str:
    """The message of a spec that has no problems."""
    shown = [Shown.of(recording.track) for recording in contents.recordings]
    profile = profile_name(spec.release)
    if profile is None:
        w.omitted["NewReleaseMessage/@ReleaseProfileVersionId"] = None
    if spec.label.dpid:
        w.omitted["LabelName/PartyId"] = None
    sections = {
        "MessageHeader": _header(w, spec),
        "UpdateIndicator": leaf("UpdateIndicator", _INDICATORS[spec.kind]),
        "ResourceList": resource_list(w, spec, contents, shown),
        "ReleaseList": release_list(w, spec, contents, shown),
        "DealList": deal_list(w, spec, contents),
    }
    return _root(w, "NewReleaseMessage", spec, sections, ReleaseProfileVersionId=profile)


def purge_release_message(w: Writer, spec: MessageSpec) -> str:
    """It names the release, its title and its artists."""
    release = spec.release
    ids = {
        "GRid": leaf("GRid", release.grid),
        "ICPN": leaf("ICPN", release.icpn),
        "ProprietaryId": details.proprietary_ids(release.ids),
    }
    artists = [node("ResourceContributor", parties.names_and_ids(a)) for a in release.artists]
    purged = {
        "ReleaseId": w.composite("ReleaseId", ids),
        "Title": details.titles(release.title, release.version, release.titles),
        "ResourceContributor": "".join(artists),
    }
    sections = {
        "MessageHeader": _header(w, spec),
        "PurgedRelease": w.composite("PurgedRelease", purged),
    }
    return _root(w, "PurgeReleaseMessage", spec, sections)


def _root(
    w: Writer, name: str, spec: MessageSpec, sections: dict[str, str], **attributes: str | None
) -> str:
    standard = w.standard
    stated = {
        "xmlns:ern": standard.namespace,
        "xmlns:xsi": XSI,
        "xsi:schemaLocation": standard.location,
        "MessageSchemaVersionId": standard.namespace.removeprefix("http://ddex.net/xml/"),
        **attributes,
        "LanguageAndScriptCode": spec.release.language,
    }
    return w.composite(name, sections, f"ern:{name}", **stated)


def _header(w: Writer, spec: MessageSpec) -> str:
    children = {
        "MessageThreadId": leaf("MessageThreadId", spec.thread_id),
        "MessageId": leaf("MessageId", spec.message_id),
        "MessageSender": _messaging_party("MessageSender", spec.sender),
        "MessageRecipient": _messaging_party("MessageRecipient", spec.recipient),
        "MessageCreatedDateTime": leaf("MessageCreatedDateTime", timestamp(spec.created_at)),
        "MessageControlType": leaf("MessageControlType", _CONTROL_TYPES[spec.mode]),
    }
    return w.composite("MessageHeader", children)


def _messaging_party(name: str, party: Party) -> str:
    """Without a namespace a PartyId is a DPID."""
    return node(name, leaf("PartyId", party.dpid), node("PartyName", leaf("FullName", party.name)))
