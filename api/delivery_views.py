"""What answers show of deliveries: how far they are, why they failed, what attests them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from deadwax.application.receipts import KeptReceipt
from deadwax.domain.aggregate import Event
from deadwax.domain.distribution_events import AttemptFailed, AttentionNeeded
from deadwax.domain.failures import ADVICE, FailureCategory, Recovery
from deadwax.domain.states import Status
from deadwax.infrastructure.progress import Shown

_FAILING = (Status.RETRYING, Status.FAILED, Status.NEEDS_ATTENTION)


class AdviceView(BaseModel):
    """What a person should do; `code` is stable."""

    code: str
    text: str


class FailureView(BaseModel):
    """Why it does not go on by itself now, and what follows."""

    at: datetime
    category: FailureCategory
    detail: str
    strategy: Recovery | None = Field(
        description="What was decided; null for what failed before strategies were recorded."
    )
    retry_at: datetime | None = Field(description="Null where nothing is tried again by itself.")
    advice: AdviceView

    @classmethod
    def among(cls, status: Status, events: Sequence[Event]) -> Self | None:
        """The last one, if the distribution still suffers from it."""
        if status not in _FAILING:
            return None
        failures = [e for e in events if isinstance(e, AttemptFailed | AttentionNeeded)]
        return cls._of(failures[-1]) if failures else None

    @classmethod
    def _of(cls, event: AttemptFailed | AttentionNeeded) -> Self:
        category = FailureCategory(event.category)
        advice = ADVICE[category]
        if isinstance(event, AttemptFailed):
            detail, strategy, retry_at = event.detail, event.strategy, event.retry_at
        else:
            detail = "; ".join(problem["message"] for problem in event.problems)
            strategy, retry_at = Recovery.NEEDS_A_PERSON.value, None
        return cls(
            at=event.timestamp,
            category=category,
            detail=detail,
            strategy=Recovery(strategy) if strategy else None,
            retry_at=datetime.fromisoformat(retry_at) if retry_at else None,
            advice=AdviceView(code=advice.code, text=advice.text),
        )


class ProgressView(BaseModel):
    """How far a delivery is. What the platform had already counts as done, not as sent. In a
    batch the numbers are those of the whole batch. While files are brought into the form that the
    target wants, `route` is rendering, and no bytes are counted."""

    at: datetime = Field(description="When this was so; at most a few seconds ago.")
    route: str = Field(description="primary, or fallback; or rendering, before that.")
    file: str = Field(description="The file begun last.")
    files_done: int
    files: int
    bytes_done: int
    bytes_total: int
    bytes_sent: int
    rate: int = Field(description="Bytes per second, over the last ten seconds.")
    seconds_left: int | None = Field(description="By that rate; null while nothing moves.")

    @classmethod
    def of(cls, shown: Shown | None) -> Self | None:
        return cls(at=shown.at, **vars(shown.snapshot)) if shown else None


class UnderWay(BaseModel):
    """`progress` is null where no delivery runs, or it began less than a second ago."""

    status: Status
    progress: ProgressView | None


class ReceiptItem(BaseModel):
    """A receipt that was kept. `sha256` is that of its canonical bytes."""

    message_id: str
    at: datetime
    sha256: str
    key: str = Field(description="Id of the key that signed it.")

    @classmethod
    def of(cls, kept: KeptReceipt) -> Self:
        return cls(message_id=kept.message_id, at=kept.at, sha256=kept.sha256, key=kept.key)


class Receipts(BaseModel):
    """The receipts of a distribution, the oldest first."""

    items: list[ReceiptItem]


class Receipt(BaseModel):
    """`deadwax receipts verify` checks it offline: the signature is of the document as JSON with
    sorted keys, without spaces, in UTF-8."""

    document: dict[str, Any]
    sha256: str
    signature: str = Field(description="Ed25519, in base64.")
    public_key: str = Field(description="In base64; the document states it too.")
    key: str = Field(description="Its id: the beginning of the SHA-256 of the public key.")
