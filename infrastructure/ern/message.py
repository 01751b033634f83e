"""The NewReleaseMessage: header and the order of its sections."""

from __future__ import annotations

from deadwax.application.messages import MessageKind, MessageSpec
from deadwax.domain.target import Mode, Party
from deadwax.infrastructure.ern.contents_old import Contents, is_simple_single
from deadwax.infrastructure.ern.deals import deal_list
from deadwax.infrastructure.ern.parties import Parties
from deadwax.infrastructure.ern.releases import release_list
from deadwax.infrastructure.ern.resources import resource_list
from deadwax.infrastructure.ern.versions import ERN
from deadwax.infrastructure.ern.xml import Element, root, tag, timestamp

CONTROL_TYPES = {Mode.LIVE: "LiveMessage", Mode.TEST: "TestMessage"}


def new_release_message(spec: MessageSpec, contents: Contents) -> Element:
    """The message of a spec that has no problems.

    A takedown is the message without a DealList: what has no deal is not available any more
    (ERN 6.19.4).
    """
    standard, release = ERN[spec.ern], spec.release
    parties = Parties(release, spec.label)
    message = root(
        "NewReleaseMessage",
        standard.namespace,
        standard.location,
        "ern",
        ReleaseProfileVersionId="SimpleAudioSingle" if is_simple_single(release) else "Audio",
        LanguageAndScriptCode=str(release.language),
        AvsVersionId=standard.avs or "",
    )
    message.append(_header(spec))
    message.append(parties.element())
    message.append(resource_list(spec, contents, parties))
    message.append(release_list(spec, contents, parties))
    if spec.kind is not MessageKind.TAKEDOWN:
        message.append(deal_list(release, contents))
    return message


def _header(spec: MessageSpec) -> Element:
    return tag(
        "MessageHeader",
        tag("MessageThreadId", spec.thread_id),
        tag("MessageId", spec.message_id),
        _messaging_party("MessageSender", spec.sender),
        _messaging_party("MessageRecipient", spec.recipient),
        tag("MessageCreatedDateTime", timestamp(spec.created_at)),
        tag("MessageControlType", CONTROL_TYPES[spec.mode]),
    )


def _messaging_party(name: str, party: Party) -> Element:
    return tag(name, tag("PartyId", party.dpid), tag("PartyName", tag("FullName", party.name)))
