"""Tenants, their labels and their API keys."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from deadwax.api.auth import Permission
from deadwax.api.bodies import NewKey, NewTenant
from deadwax.api.body import JsonBody
from deadwax.api.conditional import mark
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE
from deadwax.api.route import Route, needs
from deadwax.api.views import Accepted, KeyAccepted, LabelAccepted, TenantAccepted, TenantView
from deadwax.domain.api_key import ApiKey
from deadwax.domain.tenant import Label

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Tenant"])


@router.post(
    "/tenants",
    status_code=201,
    summary="Register a tenant",
    openapi_extra=needs(Permission.TENANTS_REGISTER),
)
def register_tenant(
    new: Annotated[NewTenant, Depends(JsonBody(NewTenant))], parts: Parts, response: Response
) -> TenantAccepted:
    """For operators. The answer holds the tenant's first admin key, shown this once."""
    tenant, key, position = parts.tenants.register(new.name, new.kind, new.review)
    known = ApiKey.split(key)
    assert known is not None
    mark(response, position=position, version=tenant.version)
    return TenantAccepted.of(tenant, key=key, key_id=known[0], position=position)


@router.get(
    "/tenant",
    summary="The key's own tenant",
    openapi_extra=needs(Permission.TENANT_READ),
    dependencies=[AT_ONCE],
)
def get_tenant(parts: Parts, response: Response) -> TenantView:
    """Name, kind and labels."""
    tenant = parts.tenants.current()
    mark(response, version=tenant.version)
    return TenantView.of(tenant)


@router.post(
    "/tenant/labels",
    status_code=201,
    summary="Add a label",
    openapi_extra=needs(Permission.TENANT_WRITE),
)
def add_label(
    label: Annotated[Label, Depends(JsonBody(Label))], parts: Parts, response: Response
) -> LabelAccepted:
    """An imprint of the tenant: the name that DSPs show, and its DPID if it has one."""
    position = parts.tenants.add_label(label)
    mark(response, position=position)
    return LabelAccepted(label=label, position=position)


@router.post(
    "/tenant/keys",
    status_code=201,
    summary="Issue an API key",
    openapi_extra=needs(Permission.TENANT_WRITE),
)
def issue_key(
    new: Annotated[NewKey, Depends(JsonBody(NewKey))], parts: Parts, response: Response
) -> KeyAccepted:
    """For the tenant, with a role. The key is shown this once and stored as a hash."""
    key, text, position = parts.tenants.issue_key(new.role, new.name, new.target_id)
    mark(response, position=position)
    return KeyAccepted(
        id=key.id,
        role=new.role,
        name=new.name,
        target_id=new.target_id,
        key=text,
        position=position,
    )


@router.delete(
    "/tenant/keys/{key_id}",
    status_code=202,
    summary="Revoke an API key",
    openapi_extra=needs(Permission.TENANT_WRITE),
)
def revoke_key(key_id: UUID, parts: Parts, response: Response) -> Accepted:
    """From the next request on it is refused. Revoking it again changes nothing."""
    position = parts.tenants.revoke_key(key_id)
    mark(response, position=position)
    return Accepted(position=position)
