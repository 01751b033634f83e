"""The elements that MEAD and PIE have in common. Order is that of their XSDs."""

from __future__ import annotations

from collections.abc import Iterable

from deadwax.application.companions import CompanionSpec
from deadwax.domain.enrichment_terms import Focus, LocalText, Note, Term
from deadwax.domain.parties import NamedParty
from deadwax.domain.target import CompanionKind, Mode, Party
from deadwax.domain.territories import Territory
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.xml import Element, maybe, root, tag, timestamp
from deadwax.infrastructure.mead.standards import STANDARDS

_CONTROL_TYPES = {Mode.LIVE: "LiveMessage", Mode.TEST: "TestMessage"}


def message_id(spec: CompanionSpec, kind: CompanionKind) -> str:
    """Unique per sender as long as that of the ERN message is."""
    return f"{spec.message_id}.{kind}"


def document(name: str, spec: CompanionSpec, kind: CompanionKind) -> Element:
    """The document element with the MessageHeader in it."""
    standard = STANDARDS[kind]
    message = root(
        name,
        standard.namespace,
        standard.location,
        kind.value,
        AvsVersionId=str(standard.avs),
        LanguageAndScriptCode=str(spec.release.language),
    )
    message.append(
        tag(
            "MessageHeader",
            tag("MessageThreadId", spec.thread_id),
            tag("MessageId", message_id(spec, kind)),
            _messaging_party("MessageSender", spec.sender),
            _messaging_party("MessageRecipient", spec.recipient),
            tag("MessageCreatedDateTime", timestamp(spec.created_at)),
            tag("MessageControlType", _CONTROL_TYPES[spec.mode]),
        )
    )
    return message


def term(name: str, said: Term, sender: Party) -> Element:
    """A word of DDEX's, or the sender's own in the sender's namespace."""
    return own(name, said.value, sender) if said.own else tag(name, said.value)


def own(name: str, value: str, sender: Party) -> Element:
    return tag(name, "UserDefined", Namespace=sender.dpid, UserDefinedValue=value)


def texts(name: str, said: Iterable[LocalText]) -> list[Element]:
    return [tag(name, t.text, LanguageAndScriptCode=t.language) for t in said]


def territories(name: str, codes: Iterable[Territory]) -> list[Element]:
    return [tag(name, code) for code in codes]


def note(said: Note, sender: Party) -> Element:
    author = (
        None if said.author is None else tag("Author", party_name(NamedParty(name=said.author)))
    )
    return tag(
        "CommentaryNote",
        *texts("Text", said.texts),
        own("CommentaryNoteType", said.kind, sender),
        *territories("TerritoryOfCommentaryNoteDescription", said.territories),
        author,
    )


def focus(said: Focus, *what: Element) -> Element:
    period = None
    if said.start is not None or said.end is not None:
        period = tag(
            "PeriodOfBeingFocus",
            maybe("StartDateTime", said.start and said.start.as_datetime),
            maybe("EndDateTime", said.end and said.end.as_datetime),
        )
    return tag(
        "Focus",
        *what,
        period,
        *territories("TerritoryOfBeingFocusTrackDescription", said.territories),
    )


def display_title(title: str, version: str | None) -> Element:
    return tag(
        "DisplayTitle",
        tag("TitleText", tag("Title", title)),
        None if version is None else tag("SubTitle", tag("Title", version)),
    )


def recording(name: str, track: Track) -> Element:
    """A ResourceSummary: which recording, and its title."""
    return tag(
        name,
        tag("ResourceId", maybe("ISRC", track.isrc)),
        None if track.title is None else display_title(track.title, track.version),
    )


def described_party(name: str, party: NamedParty) -> Element:
    """A party by its names and identifiers (PartyDescriptorWithPronunciation)."""
    return tag(name, party_name(party), party_id(party))


def party_name(party: NamedParty) -> Element:
    """A PartyNameWithPronunciation."""
    return tag(
        "PartyName",
        *_names(party.name, party.ascii, party.indexed),
    )


def party_id(party: NamedParty) -> Element | None:
    """A DetailedPartyId; None for a party that has no identifier."""
    ids = [
        maybe("ISNI", party.isni),
        maybe("DPID", party.dpid),
        maybe("IpiNameNumber", party.ipi),
        maybe("IPN", party.ipn),
        *(tag("ProprietaryId", i.value, Namespace=i.namespace) for i in party.ids),
    ]
    return tag("PartyId", *ids) if any(i is not None for i in ids) else None


def _names(full: str, ascii: str | None, indexed: str | None) -> list[Element | None]:
    return [
        tag("FullName", tag("Name", full)),
        None if ascii is None else tag("FullNameAsciiTranscribed", tag("Name", ascii)),
        None if indexed is None else tag("FullNameIndexed", tag("Name", indexed)),
    ]


def _messaging_party(name: str, party: Party) -> Element:
    return tag(name, tag("PartyId", party.dpid), tag("PartyName", tag("FullName", party.name)))
