"""What operators may do against, or beside, what the engine has seen."""

from __future__ import annotations

from deadwax.domain.distribution_attempts import Delivering
from deadwax.domain.distribution_requests import (
    Assigned,
    StatusOverridden,
)
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.states import AT_WORK, FAILING, STATED_BY_PEOPLE, Status


class Operated(Delivering):
    """A distribution that people look after."""

    def override_status(self, to: Status, reason: str) -> None:
        """Take a person's word, who asked the platform, for where it stands. Refused where that
        cannot be known, or while we may find it out ourselves."""
        if problem := self._against(to):
            raise Refused("The status is not overridden", [problem])
        self.trigger_event(StatusOverridden, status=to.value, was=self.status.value, reason=reason)

    def assign(self, assignee: str | None, note: str) -> None:
        """Have somebody look after what went wrong; None takes it from them."""
        if assignee == self.assignee:
            return
        if self.status not in FAILING and assignee is not None:
            problem = Problem(
                "nothing_to_look_after",
                "status",
                f"Nothing went wrong with it: it is {self.status}.",
                f"Assign what is {', '.join(sorted(FAILING))}.",
            )
            raise Refused("It is not assigned", [problem])
        self._leave_attempt("assigned")
        self.trigger_event(Assigned, assignee=assignee and str(assignee), note=note)

    def _leave_attempt(self, wanted: str) -> None:
        """An event of ours would take the lease from the attempt."""
        if self.status in AT_WORK:
            raise self._illegal(wanted)

    def _against(self, to: Status) -> Problem | None:
        if to not in STATED_BY_PEOPLE:
            known = ", ".join(sorted(STATED_BY_PEOPLE))
            return _problem("status_not_statable", f"{to} is for us to say.", f"Give {known}.")
        if self.status in AT_WORK:
            return _problem(
                "attempt_under_way",
                "A worker is delivering it.",
                "Wait for the end of its attempt.",
            )
        if self.publishing:
            return _problem(
                "outcome_unresolved",
                "It is not known whether its last message was published.",
                "Say so first: resolve it.",
            )
        if to is self.status:
            return _problem("status_unchanged", f"It is {to} already.", "There is nothing to do.")
        if to is Status.PURGED and self.kind != "purge":
            return _problem("purge_not_requested", "No purge was asked for.", "Ask for one.")
        if to in (Status.REJECTED, Status.PURGED) and not self.was_sent:
            return _problem(
                "message_not_sent", f"There is no message sent that could be {to}.", "Send it."
            )
        if to is Status.FAILED and self.was_sent:
            return _problem(
                "message_was_sent", "Its message was sent.", "Say that it is rejected, if it is."
            )
        return None


def _problem(code: str, message: str, fix: str) -> Problem:
    return Problem(code, "status", message, fix)
