"""What endpoints need of the process, as FastAPI dependencies."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from deadwax.infrastructure.container import Container


def container_of(request: Request) -> Container:
    container: Container = request.app.state.container
    return container


async def _container(request: Request) -> Container:
    return container_of(request)


Parts = Annotated[Container, Depends(_container)]
