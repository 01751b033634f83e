"""The HTTP API as one application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI

import deadwax
from deadwax.api import (
    acknowledgements,
    asset_links,
    assets,
    board,
    bulk,
    calendar,
    codes,
    conflicts,
    ddex_service,
    deliveries,
    direct_uploads,
    distributions,
    dry_run,
    errors,
    failures,
    flow,
    handover,
    health,
    history,
    imports,
    links,
    notices,
    openapi,
    pictures,
    reference,
    releases,
    renditions,
    schedules,
    system,
    targets,
    tenants,
    tracks,
    tus,
    webhooks,
)
from deadwax.api.access import Access
from deadwax.api.silence import Senders
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.idempotency import PostgresIdempotency

ROUTERS: tuple[APIRouter, ...] = (
    tenants.router,
    releases.router,
    imports.router,
    tracks.router,
    codes.router,
    assets.router,
    assets.uploads,
    conflicts.router,
    pictures.router,
    renditions.router,
    asset_links.router,
    tus.router,
    direct_uploads.router,
    targets.router,
    acknowledgements.router,
    notices.router,
    webhooks.router,
    distributions.router,
    handover.router,
    dry_run.router,
    deliveries.router,
    ddex_service.router,
    links.router,
    bulk.router,
    schedules.router,
    calendar.router,
    board.router,
    failures.router,
    flow.router,
    history.router,
    system.router,
    health.router,
)

_THREADS_PER_CONNECTION = 3
"""A command waits for the log's own connection most of the time, and for none of the pool."""
_SLOW_AT_ONCE = 16
"""Uploads and connection tests: others set their pace, so they get threads of their own."""


def create_app(container: Container) -> FastAPI:
    """The application over an open container, which the caller closes."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        threads = to_thread.current_default_thread_limiter()
        threads.total_tokens = container.pool.max_size * _THREADS_PER_CONNECTION
        yield

    app = FastAPI(
        title="Deadwax",
        version=deadwax.__version__,
        description=openapi.DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.container = container
    app.state.idempotency = PostgresIdempotency(container.pool)
    app.state.slow = CapacityLimiter(_SLOW_AT_ONCE)
    app.state.senders = Senders()
    for router in (*ROUTERS, tus.abilities, reference.router):
        app.include_router(router)
    errors.install(app)
    openapi.install(app, ROUTERS)
    app.add_middleware(Access)
    return app
