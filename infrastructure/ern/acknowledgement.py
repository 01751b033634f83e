"""Reading what a DSP says of our messages: AcknowledgementMessage of the choreography 1.8."""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.application.messages import Acknowledgement, Outcome
from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.ern.versions import CHOREOGRAPHY
from deadwax.infrastructure.ern.xml import Element, parse_untrusted

LIMIT = 4 * 1024 * 1024
# What we keep of a stranger's words; they go into events.
_MOST_WORDS = 2_000

# DDEX SupplyChainStatus. None: on its way, nothing decided. What is not listed is refused.
_OUTCOMES: dict[str, Outcome | None] = {
    "OrderPlacedForReleaseDistributor": None,
    "InPreparationForDeliveryToReleaseDistributor": None,
    "InDeliveryToReleaseDistributor": None,
    "DeliveredToReleaseDistributor": None,
    "ReleaseReceivedByReleaseDistributor": Outcome.ACCEPTED,
    "SuccessfullyIngestedByReleaseDistributor": Outcome.ACCEPTED,
    "ReleaseStagedForPublication": Outcome.ACCEPTED,
    "ReleaseMadeAvailableToConsumers": Outcome.LIVE,
    "ReleaseNotAvailable": Outcome.REMOVED,
    "ProcessingErrorAtReleaseDistributor": Outcome.REJECTED,
    "ReleaseViolatesTermsOfService": Outcome.REJECTED,
    "RightsConflict": Outcome.REJECTED,
}
_OK = "FileOK"


def read_acknowledgements(data: bytes) -> list[Acknowledgement]:
    """One entry per message that the file decides something about, in the file's order.

    A file is understood as a whole or refused: half of what a DSP said is worse than none.
    """
    root = parse_untrusted(data, LIMIT)
    if root.tag != f"{{{CHOREOGRAPHY.namespace}}}AcknowledgementMessage":
        raise _refuse_root(root)
    said: dict[str, list[Acknowledgement]] = {}
    for status in root.iterfind("ReleaseStatus"):
        for acknowledgement in _of_release(status):
            said.setdefault(acknowledgement.message_id, []).append(acknowledgement)
    return [_settled(statements) for statements in said.values()]


def _of_release(release: Element) -> Iterator[Acknowledgement]:
    status = _text(release, "ReleaseStatus")
    if status not in _OUTCOMES:
        raise _refused("ack_status_unknown", release, f"{status!r} is not a status we know.")
    about = release.findall("Acknowledgement")
    if not about:
        raise _refused("ack_message_unnamed", release, "It does not name the message it answers.")
    for acknowledgement in about:
        id = _text(acknowledgement, "MessageId")
        if not id:
            raise _refused("ack_message_unnamed", acknowledgement, "The MessageId is empty.")
        bad = _bad_statuses(acknowledgement)
        outcome = Outcome.REJECTED if bad else _OUTCOMES[status]
        if outcome is None:
            continue
        words = [_text(release, "ErrorText")]
        words += [_text(s, "Information") for s in acknowledgement.iterfind("MessageStatus")]
        yield Acknowledgement(
            message_id=id,
            outcome=outcome,
            status=", ".join([status, *bad])[:_MOST_WORDS],
            information="; ".join(dict.fromkeys(filter(None, words)))[:_MOST_WORDS],
        )


def _bad_statuses(acknowledgement: Element) -> list[str]:
    statuses = [_text(s, "Status") for s in acknowledgement.iterfind("MessageStatus")]
    if not statuses or any(s in ("", "UserDefined") for s in statuses):
        raise _refused("ack_status_unknown", acknowledgement, "Its MessageStatus is not known.")
    return [s for s in statuses if s != _OK]


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


def _refuse_root(root: Element) -> Refused:
    if isinstance(root.tag, str) and root.tag.endswith("}FtpAcknowledgementMessage"):
        return _refused(
            "ack_message_unnamed",
            root,
            "Acknowledgements before 1.7 name a release, not the message they answer.",
        )
    return _refused("ack_unknown", root, f"{root.tag} is not a {CHOREOGRAPHY.name} message.")


def _refused(code: str, element: Element, message: str) -> Refused:
    path = element.getroottree().getpath(element)
    fix = f"Ask the platform for an AcknowledgementMessage of the {CHOREOGRAPHY.name}."
    return Refused("The acknowledgement was not taken", [Problem(code, path, message, fix)])


def _text(parent: Element, path: str) -> str:
    return (parent.findtext(path) or "").strip()
