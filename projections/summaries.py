"""What happened, in one short English sentence for each type of event."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deadwax.application.log import Recorded
from deadwax.domain import (
    api_key,
    assets,
    code_book,
    code_page,
    collection,
    date_warning,
    kept_acknowledgement,
    notice,
    release_events,
    rendition_orders,
    renditions,
    schedule_events,
    target,
    tenant,
)
from deadwax.domain import bulk_events as b
from deadwax.domain import distribution_events as d
from deadwax.domain import distribution_requests as asked
from deadwax.domain.release_planning import words_of
from deadwax.projections.base import UnknownEvent

Data = Mapping[str, Any]


def _requested(data: Data) -> str:
    later = f", not before {data['not_before']}" if data["not_before"] else ""
    return f"Distribution requested ({data['mode']}){later}."


def _renewed(data: Data) -> str:
    later = f", not before {data['not_before']}" if data["not_before"] else ""
    return f"Distribution requested again{later}."


def _analysed(data: Data) -> str:
    analysis = data["analysis"]
    faults = len(analysis["faults"])
    found = f"{faults} faults" if faults != 1 else f"1 fault, {analysis['faults'][0]['code']}"
    return f"File measured by {analysis['analyser']}: {found if faults else 'no fault'}."


def _unrendered(data: Data) -> str:
    return f"Rendition not made: {data['problems'][0]['message']}"


def _attention(data: Data) -> str:
    problems = data["problems"]
    first = f": {problems[0]['message']}" if problems else "."
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"Needs attention, {data['category']}{first}{more}"


def _composed(data: Data) -> str:
    message = data["message"]
    files = message["files"]
    size = sum(file["size"] for file in files)
    return f"Message {message['id']} composed: {len(files)} files, {size} bytes."


def _sent(data: Data) -> str:
    evidence = data["evidence"]
    if "found" in evidence:
        return f"Message {data['message_id']} was found sent ({evidence['found']})."
    files = evidence.get("files", ())
    return f"Message {data['message_id']} sent: {len(files)} files."


def _tally(what: str) -> Callable[[Data], str]:
    def told(data: Data) -> str:
        refused = sum(data["tally"]["refused"].values())
        return f"{data['count']} items {what} from number {data['first'] + 1}, {refused} refused."

    return told


def _update(data: Data) -> str:
    what = "Redelivery" if data["forced"] else "Update"
    return f"{what} requested: {data['reason']}"


def _assigned(data: Data) -> str:
    note = f": {data['note']}" if data["note"] else "."
    return (
        f"Assigned to {data['assignee']}{note}" if data["assignee"] else f"Assigned to nobody{note}"
    )


def _takedown(data: Data) -> str:
    later = f" for {data['effective']}" if data.get("effective") else ""
    return f"Takedown requested{later}: {data['reason']}"


def _failed(data: Data) -> str:
    again = f" Tried again at {data['retry_at']}." if data["retry_at"] else ""
    return f"Attempt {data['attempt']} failed, {data['category']}: {data['detail']}{again}"


def _confirmed(what: str) -> Callable[[Data], str]:
    def told(data: Data) -> str:
        words = data["evidence"].get("information")
        return f"Platform: message {data['message_id']} {what}{f' ({words})' if words else ''}."

    return told


def _changed(what: str) -> Callable[[Data], str]:
    return lambda data: f"{what} amended: {', '.join(data['changes'])}."


def _paused(what: str) -> Callable[[Data], str]:
    def told(data: Data) -> str:
        until = f" until {data['until']}" if data["until"] else ""
        return f"{what} paused{until}: {data['reason']}"

    return told


def _listed(codes: Sequence[str]) -> str:
    return codes[0] if len(codes) == 1 else f"{codes[0]} to {codes[-1]} ({len(codes)} codes)"


def _given(data: Data) -> str:
    return f"Allocated to release {data['release_id']}: {_listed(data['codes'])}."


def _allocated(data: Data) -> str:
    told = ", ".join(f"{code} ({place})" for place, code in data["codes"].items())
    return f"Codes allocated: {told}."


def _resources(data: Data) -> str:
    return f"All {len(data['files'])} files of message {data['message_id']} fetched."


def _kept(data: Data) -> str:
    return f"An acknowledgement was kept: {data['problems'][0]['message']}"


def _read(data: Data) -> str:
    kept = len(data["problems"])
    return f"The report was read: {len(data['applied'])} statements applied, {kept} not placed."


def _at_risk(data: Data) -> str:
    return f"Release date {data['state']}: {words_of(data['why'])}"


def _fired(data: Data) -> str:
    return f"Schedule fired for the {data['number']}. time, due at {data['due_at']}."


def _progressed(data: Data) -> str:
    return f"{len(data['changed'])} distributions changed, {len(data['refused'])} refused."


# A text is a template over the event's data.
SUMMARIES: Mapping[str, str | Callable[[Data], str]] = {
    tenant.TenantRegistered.TOPIC: "Tenant {name} registered ({kind}).",
    tenant.LabelAdded.TOPIC: "Label {label[name]} added.",
    tenant.TenantPaused.TOPIC: _paused("Tenant"),
    tenant.TenantResumed.TOPIC: "Tenant resumed.",
    api_key.ApiKeyIssued.TOPIC: "API key {name} issued ({role}).",
    api_key.ApiKeyRevoked.TOPIC: "API key revoked.",
    assets.AssetStored.TOPIC: "File {facts[filename]} stored: {facts[kind]}, {facts[size]} bytes.",
    assets.AssetAnalysed.TOPIC: _analysed,
    assets.AssetLinked.TOPIC: "Link to the file made, good until {until}.",
    rendition_orders.RenditionOrdered.TOPIC: "Rendition asked for.",
    rendition_orders.RenditionReordered.TOPIC: "Rendition asked for again.",
    rendition_orders.RenditionOrderSettled.TOPIC: "Rendition that was asked for is made.",
    rendition_orders.RenditionOrderRefused.TOPIC: _unrendered,
    renditions.RenditionRendered.TOPIC: "Rendition {facts[filename]} made by {encoder}.",
    target.TargetOpened.TOPIC: "Target opened: {settings[platform]}, {settings[mode]}.",
    target.TargetAmended.TOPIC: _changed("Target"),
    target.TargetPaused.TOPIC: _paused("Target"),
    target.TargetResumed.TOPIC: "Target resumed.",
    release_events.ReleaseDrafted.TOPIC: "Release {metadata[title]} drafted.",
    release_events.ReleaseAmended.TOPIC: _changed("Release"),
    release_events.ReleaseCodesAllocated.TOPIC: _allocated,
    release_events.ReleaseSubmitted.TOPIC: "Release submitted.",
    release_events.ReleaseApproved.TOPIC: "Release approved.",
    release_events.ReleaseArchived.TOPIC: "Release archived: {reason}",
    code_book.CodeBookOpened.TOPIC: "Book of {kind} codes opened.",
    code_book.CodeRangeAdded.TOPIC: "Range {range[prefix]} {range[first]} to {range[last]} added.",
    code_book.CodeRangeAdvanced.TOPIC: "Range from {first}: all before page {page} are used.",
    code_page.CodePageOpened.TOPIC: "Page {page} of {kind} codes opened.",
    code_page.CodesAllocated.TOPIC: _given,
    code_page.CodesImported.TOPIC: lambda data: f"Noted as used: {_listed(data['codes'])}.",
    collection.CollectionStarted.TOPIC: "The platform fetches message {message_id}.",
    collection.MessageFetched.TOPIC: "Message {message_id} fetched, {file[size]} bytes.",
    collection.ResourcesFetched.TOPIC: _resources,
    collection.CollectionFinished.TOPIC: "The platform has what it wants of message {message_id}.",
    b.BulkPlanned.TOPIC: "Bulk job planned: {order[action]} for {plan[items]} distributions.",
    b.ItemsChecked.TOPIC: _tally("checked"),
    b.BulkStarted.TOPIC: "Bulk job started.",
    b.ItemsCarriedOut.TOPIC: _tally("carried out"),
    b.BulkStopped.TOPIC: "Bulk job stopped: {reason}",
    b.BulkContinued.TOPIC: "Bulk job continued.",
    b.ResultsRecorded.TOPIC: lambda data: f"Results of {len(data['results'])} items recorded.",
    schedule_events.ScheduleCreated.TOPIC: "Schedule {terms[name]} made: {terms[action]}.",
    schedule_events.ScheduleChanged.TOPIC: _changed("Schedule"),
    schedule_events.SchedulePlanned.TOPIC: "Planned anew: dates or lead times changed.",
    schedule_events.SchedulePaused.TOPIC: "Schedule paused: {reason}",
    schedule_events.ScheduleResumed.TOPIC: "Schedule resumed.",
    schedule_events.ScheduleCancelled.TOPIC: "Schedule cancelled: {reason}",
    schedule_events.ScheduleMissed.TOPIC: "Missed {times} times, from {first} to {last}.",
    schedule_events.ScheduleFired.TOPIC: _fired,
    schedule_events.ScheduleProgressed.TOPIC: _progressed,
    schedule_events.ScheduleRunEnded.TOPIC: "Ended: {changed} changed, {refused} refused.",
    date_warning.DateWarningRaised.TOPIC: _at_risk,
    date_warning.DateWarningChanged.TOPIC: _at_risk,
    date_warning.DateWarningCleared.TOPIC: lambda data: f"Cleared: {words_of(data['why'])}",
    d.DistributionRequested.TOPIC: _requested,
    d.RequestRenewed.TOPIC: _renewed,
    d.ValidationStarted.TOPIC: "Validation started.",
    d.Queued.TOPIC: "Queued: {reason}.",
    d.Scheduled.TOPIC: "Scheduled for {due_at}.",
    d.AttentionNeeded.TOPIC: _attention,
    d.AttemptStarted.TOPIC: "Attempt {attempt} ({kind}) started by {worker}.",
    d.MessageComposed.TOPIC: _composed,
    d.ContentAdapted.TOPIC: "The platform refused the form of the audio; {audio} is sent next.",
    d.UploadStarted.TOPIC: "Upload of message {message_id} started.",
    d.PublishingStarted.TOPIC: "Publishing of message {message_id} started.",
    d.Sent.TOPIC: _sent,
    d.AttemptFailed.TOPIC: _failed,
    d.OutcomeBecameUnknown.TOPIC: "Outcome unknown: {detail}.",
    d.Accepted.TOPIC: _confirmed("accepted"),
    d.WentLive.TOPIC: _confirmed("is live"),
    d.RemovalConfirmed.TOPIC: _confirmed("removed the release"),
    d.Rejected.TOPIC: _confirmed("rejected"),
    d.AcknowledgementNoted.TOPIC: _confirmed("acknowledged late, which changes nothing"),
    kept_acknowledgement.AcknowledgementRetained.TOPIC: _kept,
    notice.NoticeReceived.TOPIC: "A report came by {channel}: {name}.",
    notice.NoticeExamined.TOPIC: _read,
    asked.UpdateRequested.TOPIC: _update,
    asked.UpdateFoundUnchanged.TOPIC: "The update would say nothing new; nothing was sent.",
    asked.TakedownRequested.TOPIC: _takedown,
    asked.PurgeRequested.TOPIC: "Purge of {icpn} requested: {reason}",
    asked.Cancelled.TOPIC: "Cancelled: {reason}",
    asked.Suspended.TOPIC: "Suspended: {reason}",
    asked.Prioritised.TOPIC: "Priority set to {priority}.",
    asked.StatusOverridden.TOPIC: "Stated by a person to be {status}, after {was}: {reason}",
    asked.Assigned.TOPIC: _assigned,
}


def summary(event: Recorded) -> str:
    """Raises UnknownEvent for a type that has no sentence here."""
    sentence = SUMMARIES.get(event.type)
    if sentence is None:
        raise UnknownEvent(event)
    return sentence.format_map(event.data) if isinstance(sentence, str) else sentence(event.data)
