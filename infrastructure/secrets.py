"""Secrets of tenants as files: `<folder>/<tenant id>/<name>`, readable by us alone."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.parts import SecretName
from deadwax.domain.failures import FailureCategory


class FileSecrets:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, tenant_id: UUID, name: str) -> str:
        try:
            return self._at(tenant_id, name).read_text()
        except OSError:
            raise DeliveryFailed(
                FailureCategory.AUTH_INVALID,
                f"There is no secret {name}. Store it with `deadwax secrets put`.",
            ) from None

    def put(self, tenant_id: UUID, name: str, value: str) -> None:
        """Store or replace it, mode 0600."""
        path = self._at(tenant_id, name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(value)

    def _at(self, tenant_id: UUID, name: str) -> Path:
        return self._folder / str(tenant_id) / SecretName(name)
