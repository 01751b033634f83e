"""Reading what a DSP says of our messages, in every version of the choreography."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from deadwax.application.messages import Acknowledgement, Outcome
from deadwax.domain.choreography_versions import ChoreographyVersion
from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.ern.statuses import (
    ACTIONS,
    ADVICE,
    OK,
    RELEASE_OUTCOMES,
    UNCLEAR,
    code_of,
)
from deadwax.infrastructure.ern.untrusted import Limits, parse_untrusted
from deadwax.infrastructure.ern.versions import CHOREOGRAPHIES
from deadwax.infrastructure.ern.xml import Element

LIMIT = 4 * 1024 * 1024
# What we keep of a stranger's words; they go into events.
_MOST_WORDS = 2_000


def read_acknowledgements(data: bytes) -> list[Acknowledgement]:
    """One entry per message (or release) that the file decides something about, in its order.

    A file is understood as a whole or refused: half of what a DSP said is worse than none.
    """
    root = parse_untrusted(data, Limits(bytes=LIMIT))
    reader = _READERS.get(str(root.tag))
    if reader is None:
        raise _refused("ack_unknown", root, f"{root.tag} is not an acknowledgement of DDEX's.")
    said: dict[object, list[Acknowledgement]] = {}
    for acknowledgement in reader(root):
        key = acknowledgement.message_id or acknowledgement.release_ids
        said.setdefault(key, []).append(acknowledgement)
    return [_settled(statements) for statements in said.values()]


# -- since 1.7: a status of each release, and of each message about it


def _of_releases(root: Element) -> Iterator[Acknowledgement]:
    for release in root.iterfind("ReleaseStatus"):
        yield from _of_release(release)


def _of_release(release: Element) -> Iterator[Acknowledgement]:
    status = _text(release, "ReleaseStatus")
    if status not in RELEASE_OUTCOMES:
        raise _refused("ack_status_unknown", release, f"{status!r} is not a status we know.")
    release_ids = _release_ids(release)
    about = release.findall("Acknowledgement")
    if not about and not release_ids:
        raise _refused("ack_message_unnamed", release, "It names no message and no release.")
    of_whole: list[Element | None] = [None]
    for acknowledgement in about or of_whole:
        bad: list[str] = []
        words = [_text(release, "ErrorText")]
        message_id = batch_id = ""
        if acknowledgement is not None:
            message_id = _text(acknowledgement, "MessageId")
            batch_id = _text(acknowledgement, "BatchId")
            bad = _bad_statuses(acknowledgement)
            words += [_text(s, "Information") for s in acknowledgement.iterfind("MessageStatus")]
        if not message_id and not release_ids:
            raise _refused("ack_message_unnamed", release, "The MessageId is empty.")
        outcome = Outcome.REJECTED if bad else RELEASE_OUTCOMES[status]
        if outcome is None:
            continue
        information = _joined("; ", dict.fromkeys(filter(None, words)))
        refusals = bad or ([status] if outcome is Outcome.REJECTED else [])
        yield Acknowledgement(
            message_id=message_id or None,
            outcome=outcome,
            status=_joined(", ", [status, *bad]),
            information=information,
            release_ids=release_ids,
            batch_id=batch_id or None,
            problems=_problems(refusals, information, _text(release, "ProposedActionType")),
            affected=_affected(release),
        )


def _bad_statuses(acknowledgement: Element) -> list[str]:
    statuses = [_text(s, "Status") for s in acknowledgement.iterfind("MessageStatus")]
    if not statuses or any(s in UNCLEAR or not s for s in statuses):
        raise _refused("ack_status_unknown", acknowledgement, "Its MessageStatus is not known.")
    return [s for s in statuses if s != OK]


def _release_ids(release: Element) -> tuple[str, ...]:
    found = release.find("ReleaseId")
    named = () if found is None else (_text(found, name) for name in ("GRid", "ICPN"))
    return tuple(filter(None, named))


# -- up to 1.6: a status of the files of one release


def _of_files(root: Element) -> Iterator[Acknowledgement]:
    status = _text(root, "FileStatus")
    if status != OK and status not in ADVICE:
        raise _refused("ack_status_unknown", root, f"{status!r} is not a status we know.")
    refusals = [] if status == OK else [status]
    information = _joined("; ", filter(None, [_text(root, "ErrorText")]))
    release_id = _text(root, "AcknowledgedFile/ReleaseId")
    yield Acknowledgement(
        message_id=None,
        outcome=Outcome.REJECTED if refusals else Outcome.ACCEPTED,
        status=status,
        information=information,
        release_ids=(release_id,) if release_id else (),
        day=_text(root, "AcknowledgedFile/Date") or None,
        of_files=True,
        problems=_problems(refusals, information, _text(root, "ProposedActionType")),
        affected=_affected(root),
    )


_Reader = Callable[[Element], Iterator[Acknowledgement]]
_NAMES: dict[ChoreographyVersion, dict[str, _Reader]] = {
    ChoreographyVersion.V15: {"FtpAcknowledgementMessage": _of_files},
    ChoreographyVersion.V16: {"FtpAcknowledgementMessage": _of_files},
    # The standard's text and its data dictionary have two names for it.
    ChoreographyVersion.V17: {
        "ErnAcknowledgementStatusMessage": _of_releases,
        "AcknowledgementMessage": _of_releases,
    },
    ChoreographyVersion.V18: {"AcknowledgementMessage": _of_releases},
}
_READERS: dict[str, _Reader] = {
    etree.QName(CHOREOGRAPHIES[version].namespace, name).text: reader
    for version, names in _NAMES.items()
    for name, reader in names.items()
}


# --


def _problems(statuses: list[str], words: str, action: str) -> tuple[Problem, ...]:
    """One problem for each refusal: what it means, what the platform said, what to do."""
    found = []
    for status in dict.fromkeys(statuses):
        advice = ADVICE.get(status)
        meaning = advice.message if advice else f"The platform says {status}."
        message = f"{meaning} It says: {words}" if words else meaning
        fix = " ".join(filter(None, [advice.fix if advice else "", ACTIONS.get(action)]))
        field = advice.field if advice else ""
        found.append(
            Problem(code_of(status) if advice else "platform_refused", field, message, fix)
        )
    return tuple(found)


def _affected(parent: Element) -> tuple[str, ...]:
    named = (_text(resource, "ISRC") for resource in parent.iterfind("AffectedResource"))
    return tuple(filter(None, named))


def _settled(statements: list[Acknowledgement]) -> Acknowledgement:
    """A message may be answered for each of its releases. One refusal refuses it; live is
    further than accepted; but removed beside anything else is no clear answer."""
    by_outcome = {s.outcome: s for s in statements}
    if Outcome.REJECTED in by_outcome:
        return by_outcome[Outcome.REJECTED]
    if Outcome.REMOVED in by_outcome and len(by_outcome) > 1:
        words = f"Message {statements[0].message_id} is said to be removed and not removed."
        raise Refused(
            "The acknowledgement was not taken",
            [Problem("ack_contradictory", "", words, "Ask the platform.")],
        )
    return by_outcome.get(Outcome.LIVE, statements[0])


def _refused(code: str, element: Element, message: str) -> Refused:
    path = element.getroottree().getpath(element)
    fix = "Ask the platform for an acknowledgement of the choreography agreed."
    return Refused("The acknowledgement was not taken", [Problem(code, path, message, fix)])


def _joined(separator: str, words: Iterator[str] | list[str] | dict[str, None]) -> str:
    return separator.join(words)[:_MOST_WORDS]


def _text(parent: Element, path: str) -> str:
    return (parent.findtext(path) or "").strip()
