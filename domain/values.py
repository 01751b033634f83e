"""Text that keeps a rule: the base of the identifiers and codes."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self

from deadwax.domain.errors import InvalidValue

_MOST_SHOWN = 200


def _shown(value: object) -> str:
    """A value as an error names it: what was given, as far as that helps anybody."""
    if isinstance(value, str) and len(value) > _MOST_SHOWN:
        return f"{value[:_MOST_SHOWN]!r}… ({len(value)} characters)"
    return repr(value)


class Text(str):
    """A string that was checked when it was made; equal to the plain string.

    Subclasses name the rule (`pattern`, then `check`) and the fix.
    """

    code: ClassVar[str] = "invalid_text"
    pattern: ClassVar[str] = r"[^\x00-\x08\x0b\x0c\x0e-\x1f]+"
    fix: ClassVar[str] = ""
    example: ClassVar[str] = ""

    def __new__(cls, value: str) -> Self:
        if not isinstance(value, str) or not re.fullmatch(cls.pattern, value):
            raise InvalidValue(cls.code, f"{_shown(value)} is not a valid {cls.__name__}.", cls.fix)
        problem = cls.check(value)
        if problem:
            raise InvalidValue(cls.code, f"{_shown(value)}: {problem}", cls.fix)
        return super().__new__(cls, value)

    @classmethod
    def check(cls, value: str) -> str:
        """What is wrong with a value of the right shape; empty if nothing."""
        return ""

    # The two hooks by which an API layer learns the rule; plain data, so that the
    # domain needs no import for it.
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> dict[str, Any]:
        return {
            "type": "function-after",
            "function": {"type": "no-info", "function": cls},
            "schema": {"type": "str", "strict": True},
            "serialization": {"type": "to-string"},
        }

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string", "pattern": f"^(?:{cls.pattern})$"}
        if cls.example:
            schema["examples"] = [cls.example]
        return schema
