"""The messages of ERN 4.x: header and the order of the sections."""

from __future__ import annotations

from deadwax.application.messages import MessageSpec
from deadwax.domain.profiles import profile_of, variants_of
from deadwax.domain.target import Mode, Party
from deadwax.infrastructure.ern.contents import Contents
from deadwax.infrastructure.ern.documents import document_list
from deadwax.infrastructure.ern.four.deals import deal_list
from deadwax.infrastructure.ern.four.draft import Draft
from deadwax.infrastructure.ern.four.releases import release_id, release_list
from deadwax.infrastructure.ern.four.resources import resource_list
from deadwax.infrastructure.ern.four.sequences import SEQUENCES
from deadwax.infrastructure.ern.versions import ERN
from deadwax.infrastructure.ern.write import Writer, leaf, node
from deadwax.infrastructure.ern.xml import XSI, timestamp

CONTROL_TYPES = {Mode.LIVE: "LiveMessage", Mode.TEST: "TestMessage"}


def writer(spec: MessageSpec) -> Writer:
    """Of the version that the spec asks for."""
    return Writer(ERN[spec.ern], SEQUENCES[spec.ern])


def new_release_message(w: Writer, spec: MessageSpec, contents: Contents) -> str:
    """The message of a spec that has no problems."""
    draft, release = Draft.of(w, spec, contents), spec.release
    return _root(
        w,
        "NewReleaseMessage",
        spec,
        _header(spec),
        draft.parties.element(),
        resource_list(draft),
        release_list(draft),
        deal_list(draft),
        document_list(spec),
        ReleaseProfileVersionId=profile_of(release),
        ReleaseProfileVariantVersionId=" ".join(variants_of(release)) or None,
    )


def purge_release_message(w: Writer, spec: MessageSpec) -> str:
    """It names the release by its identifiers and title."""
    release = spec.release
    title = node("Title", leaf("TitleText", release.title), leaf("SubTitle", release.version))
    purged = node("PurgedRelease", release_id(spec), title)
    return _root(w, "PurgeReleaseMessage", spec, _header(spec), purged)


def _root(w: Writer, name: str, spec: MessageSpec, *sections: str, **attributes: str | None) -> str:
    """Only the root is in a namespace: DDEX schemas are elementFormDefault unqualified."""
    standard = w.standard
    stated = {
        "xmlns:ern": standard.namespace,
        "xmlns:xsi": XSI,
        "xsi:schemaLocation": standard.location,
        **attributes,
        "LanguageAndScriptCode": spec.release.language,
        "AvsVersionId": standard.avs,
    }
    return node(f"ern:{name}", *sections, **stated)


def _header(spec: MessageSpec) -> str:
    return node(
        "MessageHeader",
        leaf("MessageThreadId", spec.thread_id),
        leaf("MessageId", spec.message_id),
        _messaging_party("MessageSender", spec.sender),
        _messaging_party("MessageRecipient", spec.recipient),
        leaf("MessageCreatedDateTime", timestamp(spec.created_at)),
        leaf("MessageControlType", CONTROL_TYPES[spec.mode]),
    )


def _messaging_party(name: str, party: Party) -> str:
    full_name = node("PartyName", leaf("FullName", party.name))
    return node(name, leaf("PartyId", party.dpid), full_name)
