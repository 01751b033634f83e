"""What the statuses of acknowledgements mean, and what is to be done about each: tables.

The names are DDEX's SupplyChainStatus, ErncFileStatus and ErncProposedActionType.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deadwax.application.messages import Outcome

RELEASE_OUTCOMES: dict[str, Outcome | None] = {
    "OrderPlacedForReleaseDistributor": None,
    "InPreparationForDeliveryToReleaseDistributor": None,
    "InDeliveryToReleaseDistributor": None,
    "DeliveredToReleaseDistributor": None,
    "ReleaseReceivedByReleaseDistributor": Outcome.ACCEPTED,
    "SuccessfullyIngestedByReleaseDistributor": Outcome.ACCEPTED,
    "ReleaseStagedForPublication": Outcome.ACCEPTED,
    "ReleaseMadeAvailableToConsumers": Outcome.LIVE,
    "ReleaseNotAvailable": Outcome.REMOVED,
    "ProcessingErrorAtReleaseCreator": Outcome.REJECTED,
    "ProcessingErrorAtReleaseDistributor": Outcome.REJECTED,
    "ReleaseViolatesTermsOfService": Outcome.REJECTED,
    "RightsConflict": Outcome.REJECTED,
}
"""SupplyChainStatus. None: on its way, nothing decided."""

UNCLEAR = frozenset({"UserDefined"})
"""Statuses that mean what two parties agreed: a person has to read them."""

OK = "FileOK"


@dataclass(frozen=True)
class Advice:
    """`field` is where in the release to look; `message` says what the status means."""

    field: str
    message: str
    fix: str


_AGAIN = "Send the distribution again."
_FILES = "Check the file, replace it in the release, and send an update."

ADVICE: dict[str, Advice] = {
    # SupplyChainStatus
    "ProcessingErrorAtReleaseCreator": Advice("", "It was stopped on our side.", _AGAIN),
    "ProcessingErrorAtReleaseDistributor": Advice(
        "", "The platform could not process the release.", "Correct what it names, and send again."
    ),
    "ReleaseViolatesTermsOfService": Advice(
        "", "The release violates the platform's terms.", "Agree with the platform what to change."
    ),
    "RightsConflict": Advice(
        "rights", "Somebody else claims rights.", "Settle it with the claimant, then send again."
    ),
    # ErncFileStatus
    "ArtistRoleUnknown": Advice(
        "artists", "An artist's role is not known there.", "Give the artist another role."
    ),
    "CommercialReleaseDateInvalid": Advice(
        "deals", "The date of a deal is not accepted.", "Correct the start of the deals."
    ),
    "ConflictingAvailabilityPeriods": Advice(
        "deals", "The periods of the deals contradict each other.", "Correct the deals' periods."
    ),
    "DuplicatedPublisherNames": Advice(
        "tracks", "A publisher is named twice.", "Name each publisher once."
    ),
    "ErnMissing": Advice("", "The message did not arrive.", _AGAIN),
    "IdentifierInvalid": Advice(
        "icpn", "An identifier is wrong.", "Correct ICPN, ISRCs or party ids."
    ),
    "IdentifierSyntaxInvalid": Advice(
        "tracks", "An identifier is not well formed.", "Correct ICPN, ISRCs or party ids."
    ),
    "InternalError": Advice(
        "", "The platform failed, not the release.", "Send again; ask the platform if it repeats."
    ),
    "MetadataMissing": Advice(
        "", "Something that the platform needs is not stated.", "Complete the release."
    ),
    "NewReleaseMessageInvalid": Advice(
        "", "The platform does not accept the message.", "Compare its words with the message sent."
    ),
    "NoDealForTrackRelease": Advice(
        "deals", "A track has no deal.", "Give deals that cover every track."
    ),
    "NoDealInNewReleaseMessage": Advice("deals", "There is no deal.", "Give the release a deal."),
    "OriginalReleaseDateLaterThanReleaseDate": Advice(
        "original_release_date",
        "The original release date is after the release date.",
        "Correct one of the two.",
    ),
    "PrimaryArtistNameMissing": Advice(
        "artists", "The main artist is not named.", "Name a main artist."
    ),
    "ResourceCorrupt": Advice("tracks", "A file arrived damaged.", _AGAIN),
    "ResourceMissing": Advice("tracks", "A file did not arrive.", _AGAIN),
    "ResourceNotMeetingSpecifications": Advice(
        "tracks", "A file is not what the platform takes.", _FILES
    ),
    "SignatureOrHashSumWrongOrMissing": Advice(
        "tracks", "A file does not have the hash that was stated.", _AGAIN
    ),
    "UnsupportedUsage": Advice(
        "deals", "A deal offers what the platform does not do.", "Leave that use out of the deals."
    ),
}
"""What each status that is no success asks for."""

ACTIONS: dict[str, str] = {
    "ResendXmlOnly": "The platform asks for the message alone.",
    "ResendXmlAndResources": "The platform asks for the message and all files.",
    "DoNotResendAffectedResource": "The platform asks not to send that file again.",
    "DoNotResendRelease": "The platform asks not to send the release again.",
    "UserDefined": "The platform proposes something of its own: ask it.",
}
"""ErncProposedActionType, as the end of the fix."""


def code_of(status: str) -> str:
    """The code of a problem: ResourceMissing is `platform_resource_missing`."""
    return "platform_" + re.sub(r"(?<!^)(?=[A-Z])", "_", status).lower()
