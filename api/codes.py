"""ISRCs and barcodes from the tenant's own ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.body import JsonBody
from deadwax.api.conditional import IfMatch, mark
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE
from deadwax.api.route import Route, needs
from deadwax.api.views import Accepted, ReleaseAccepted
from deadwax.domain.code_range import CodeKind, CodeRange
from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Icpn, Isrc

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Codes"])

_MOST_CODES = 10_000


@dataclass(frozen=True, kw_only=True)
class UsedCodes:
    """Codes that are used elsewhere and must not be given out."""

    isrcs: Annotated[tuple[Isrc, ...], Field(max_length=_MOST_CODES)] = ()
    icpns: Annotated[tuple[Icpn, ...], Field(max_length=_MOST_CODES)] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if not self.isrcs and not self.icpns:
            raise InvalidValue("codes_missing", "No code is named.", "Name isrcs, icpns or both.")


@dataclass(frozen=True, kw_only=True)
class WantedCodes:
    """Which kinds of codes to fill in; both where nothing is said."""

    kinds: Annotated[frozenset[CodeKind], Field(min_length=1)] = frozenset(CodeKind)
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


class RangeView(BaseModel):
    """A range, and the code that is next in it."""

    range: CodeRange
    next: str | None = Field(description="Null if it is used up; of ISRCs for this year.")


class RangesView(BaseModel):
    """The tenant's ranges, in the order they are used."""

    items: list[RangeView]


class RangeAccepted(Accepted):
    """A range that codes are given out from; position 0 if it was there already."""

    range: CodeRange


class CodesImported(Accepted):
    """Codes noted as used; position 0 if all were known."""

    imported: int = Field(description="How many were not known to be used.")


class CodesAllocated(ReleaseAccepted):
    """A release with its new codes; position 0 if it lacked none."""

    codes: dict[str, str] = Field(
        description="The codes filled in, by place: icpn, or disc/number of a track."
    )


@router.post(
    "/tenant/code-ranges",
    status_code=201,
    summary="Add a range of codes",
    openapi_extra=needs(Permission.TENANT_WRITE),
)
def add_code_range(
    range: Annotated[CodeRange, Depends(JsonBody(CodeRange))], parts: Parts, response: Response
) -> RangeAccepted:
    """An ISRC prefix with numbers for each year, or a GS1 company prefix with numbers, that
    codes are given out from. Those that stand in the tenant's own releases are noted as used."""
    position = parts.codes.add_range(range)
    mark(response, position=position)
    return RangeAccepted(range=range, position=position)


@router.get(
    "/tenant/code-ranges",
    summary="The ranges of codes",
    openapi_extra=needs(Permission.TENANT_READ),
    dependencies=[AT_ONCE],
)
def list_code_ranges(parts: Parts) -> RangesView:
    """Each with the code that is next in it."""
    return RangesView(items=[RangeView(range=r, next=next) for r, next in parts.codes.ranges()])


@router.post(
    "/tenant/used-codes",
    status_code=202,
    summary="Note codes as used",
    openapi_extra=needs(Permission.TENANT_WRITE),
)
def import_used_codes(
    used: Annotated[UsedCodes, Depends(JsonBody(UsedCodes))], parts: Parts, response: Response
) -> CodesImported:
    """Codes that are used elsewhere are never given out, whichever ranges are added later. All
    are noted or none."""
    imported, position = parts.codes.import_codes(
        {CodeKind.ISRC: used.isrcs, CodeKind.ICPN: used.icpns}
    )
    mark(response, position=position)
    return CodesImported(imported=imported, position=position)


@router.post(
    "/releases/{release_id}/codes",
    status_code=202,
    summary="Fill in missing codes",
    openapi_extra=needs(Permission.RELEASES_WRITE),
)
def allocate_codes(
    release_id: UUID,
    wanted: Annotated[WantedCodes, Depends(JsonBody(WantedCodes, optional=True))],
    parts: Parts,
    response: Response,
    version: IfMatch,
) -> CodesAllocated:
    """Gives the release a barcode and its tracks ISRCs from the tenant's ranges, where they have
    none. All or none; asked again, the same places keep their codes."""
    kinds = sorted(wanted.kinds)
    release, codes, position = parts.codes.allocate(release_id, kinds, version)
    mark(response, position=position, version=release.version)
    return CodesAllocated.of(release, codes=codes, position=position)
