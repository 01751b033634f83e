"""What an FTP server's reply, or its absence, means."""

from __future__ import annotations

import ftplib
import ssl

from deadwax.domain.failures import FailureCategory

_CATEGORIES: dict[FailureCategory, set[str]] = {
    # Service not available; file busy; local error; need for a resource of the security kind.
    FailureCategory.API_UNAVAILABLE: {"421", "431", "434", "450", "451"},
    # No data connection; connection closed, transfer aborted.
    FailureCategory.NETWORK_CONNECTIVITY: {"425", "426"},
    FailureCategory.AUTH_INVALID: {"332", "430", "530"},
    FailureCategory.QUOTA_EXCEEDED: {"452", "552"},
    # An account is needed; refused for reasons of policy; protection level; no access; the name.
    FailureCategory.PERMISSION_DENIED: {"521", "522", "532", "533", "534", "536", "550", "553"},
}
"""RFC 959, 2228, 4217; some servers' own. 550 is also what is not there: where that can be, the
caller looks."""

_CATEGORY_OF = {code: category for category, codes in _CATEGORIES.items() for code in codes}

NOT_THERE = "550"
UNKNOWN_COMMAND = {"500", "501", "502", "504"}
"""Also known, but not so."""


def code_of(error: BaseException) -> str:
    """The three digits that the server replied with; none where it did not."""
    return str(error)[:3] if isinstance(error, ftplib.Error) else ""


def category_of(error: BaseException, *, logged_in: bool) -> FailureCategory:
    """Before the login a fault of TLS is about who one another is, or how to talk at all, which
    no second attempt changes."""
    match error:
        case ftplib.error_temp() | ftplib.error_perm() | ftplib.error_reply():
            return _CATEGORY_OF.get(code_of(error), FailureCategory.UNKNOWN)
        case ssl.SSLCertVerificationError():
            return FailureCategory.AUTH_INVALID
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError() | ssl.SSLSyscallError():
            return FailureCategory.NETWORK_CONNECTIVITY
        case ssl.SSLError() if not logged_in:
            return FailureCategory.AUTH_INVALID
        case TimeoutError():
            return FailureCategory.NETWORK_TIMEOUT
        case OSError() | EOFError():
            return FailureCategory.NETWORK_CONNECTIVITY
        case _:
            return FailureCategory.UNKNOWN
