"""How a platform wants its messages, where DDEX leaves the choice or contradicts itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class TakedownForm(StrEnum):
    """What tells a platform that a release is withdrawn.

    NO_DEAL: the release without any deal (ERN 4.x, 6.19.4). END_DATE: its deals, ended.
    FLAG: TakeDown=true, deprecated, 3.8.x only.
    """

    NO_DEAL = "no_deal"
    END_DATE = "end_date"
    FLAG = "flag"


class TerritorialTakedown(StrEnum):
    """What tells a platform that a release is withdrawn in one territory.

    LEFT_OUT: the deals without that territory (ERN 6.19.4). STATED: also a deal for that
    territory that says it is over, as DDEX's older "Territorial Takedowns" demands.
    """

    LEFT_OUT = "left_out"
    STATED = "stated"


class UpdateForm(StrEnum):
    """What an update carries. METADATA: no files, where the platform has accepted the very same
    ones. FULL: always all of them."""

    METADATA = "metadata"
    FULL = "full"


class HashAlgorithm(StrEnum):
    """DDEX HashSumAlgorithmType."""

    MD5 = "MD5"
    SHA256 = "SHA-256"


class HashEncoding(StrEnum):
    HEX = "hex"
    BASE64 = "base64"


@dataclass(frozen=True, kw_only=True)
class MessageStyle:
    """`takedown` None is the usual form of the version: no deal in 4.x, an end date in 3.8.x."""

    takedown: TakedownForm | None = None
    territorial_takedown: TerritorialTakedown = TerritorialTakedown.LEFT_OUT
    updates: UpdateForm = UpdateForm.METADATA
    hash_algorithm: HashAlgorithm = HashAlgorithm.MD5
    hash_encoding: HashEncoding = HashEncoding.HEX
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
