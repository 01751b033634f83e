"""Who may do what: one table, and the key that a request brings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from deadwax.api.errors import FORBIDDEN, UNAUTHENTICATED, Problem
from deadwax.application.tenants import Tenants
from deadwax.domain.api_key import ApiKey, Role


class Permission(StrEnum):
    """Every endpoint needs exactly one."""

    TENANTS_REGISTER = "tenants:register"
    TENANTS_PAUSE = "tenants:pause"
    SYSTEM_READ = "system:read"
    TENANT_READ = "tenant:read"
    TENANT_WRITE = "tenant:write"
    RELEASES_READ = "releases:read"
    RELEASES_WRITE = "releases:write"
    ASSETS_READ = "assets:read"
    ASSETS_WRITE = "assets:write"
    TARGETS_READ = "targets:read"
    TARGETS_WRITE = "targets:write"
    TARGETS_PAUSE = "targets:pause"
    DISTRIBUTIONS_READ = "distributions:read"
    DISTRIBUTIONS_WRITE = "distributions:write"
    DISTRIBUTIONS_OVERRIDE = "distributions:override"
    BOARD_READ = "board:read"
    MESSAGES_READ = "messages:read"
    DELIVERY_LOG_READ = "delivery_log:read"
    AUDIT_READ = "audit:read"
    PULL = "pull"


_P = Permission

ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.OPERATOR: frozenset({_P.TENANTS_REGISTER, _P.TENANTS_PAUSE, _P.SYSTEM_READ}),
    Role.ADMIN: frozenset(Permission) - {_P.TENANTS_REGISTER, _P.TENANTS_PAUSE, _P.PULL},
    Role.PLATFORM: frozenset({_P.PULL}),
    Role.MANAGER: frozenset(
        {
            _P.TENANT_READ,
            _P.RELEASES_READ,
            _P.RELEASES_WRITE,
            _P.ASSETS_READ,
            _P.ASSETS_WRITE,
            _P.TARGETS_READ,
            _P.TARGETS_WRITE,
            _P.DISTRIBUTIONS_READ,
            _P.DISTRIBUTIONS_WRITE,
            _P.BOARD_READ,
            _P.MESSAGES_READ,
            _P.DELIVERY_LOG_READ,
        }
    ),
    Role.VIEWER: frozenset(
        {_P.TENANT_READ, _P.RELEASES_READ, _P.BOARD_READ, _P.DISTRIBUTIONS_READ}
    ),
    Role.COMPLIANCE: frozenset(
        {
            _P.TENANT_READ,
            _P.RELEASES_READ,
            _P.ASSETS_READ,
            _P.TARGETS_READ,
            _P.DISTRIBUTIONS_READ,
            _P.BOARD_READ,
            _P.MESSAGES_READ,
            _P.DELIVERY_LOG_READ,
            _P.AUDIT_READ,
        }
    ),
    Role.ANALYST: frozenset(
        {_P.TENANT_READ, _P.RELEASES_READ, _P.BOARD_READ, _P.DELIVERY_LOG_READ}
    ),
}


async def admit(request: Request, tenants: Tenants, permission: Permission) -> ApiKey:
    """The key that the request brings; Problem unless it is valid and its role may do this."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    key = None
    if scheme.lower() == "bearer":
        key = await run_in_threadpool(tenants.bearer, text.strip())
    if key is None:
        raise Problem(UNAUTHENTICATED, headers={"WWW-Authenticate": "Bearer"})
    if permission not in ROLES[key.role]:
        raise Problem(
            FORBIDDEN, f"This needs {permission}, which a key with the role {key.role} lacks."
        )
    return key
