"""Which store the settings name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import AssetStore
from deadwax.domain.addresses.object_stores import PartChecksum
from deadwax.domain.cause import SYSTEM_TENANT
from deadwax.domain.errors import InvalidValue
from deadwax.infrastructure.secrets import FileSecrets
from deadwax.infrastructure.settings import Settings, SettingsError
from deadwax.infrastructure.storage.local import LocalAssets

if TYPE_CHECKING:
    from botocore.credentials import Credentials

    from deadwax.infrastructure.storage.s3 import Place
    from deadwax.infrastructure.storage.s3_outside import S3Outside

PART_SIZE = 64 << 20
_POOL = 32
_TRIES = 4


@dataclass(frozen=True)
class Stores:
    """`assets` keeps them; `outside` lets clients talk to the store itself, None where that is a
    folder."""

    assets: AssetStore
    outside: S3Outside | None


def open_stores(settings: Settings, part_size: int = PART_SIZE) -> Stores:
    """No call is made yet. What is larger than `part_size`, 5 MB at least, goes in parts of it.
    Raises SettingsError for a secret that is none."""
    if settings.assets_url is None:
        return Stores(LocalAssets(settings.assets_dir), None)
    from deadwax.infrastructure.storage.s3 import S3Assets
    from deadwax.infrastructure.storage.s3_outside import S3Outside

    place, public = _places(settings, part_size)
    return Stores(S3Assets(place), S3Outside(place, public))


def _places(settings: Settings, part_size: int) -> tuple[Place, Place]:
    """As we reach it, and as clients do."""
    import boto3.session
    from botocore.config import Config

    from deadwax.infrastructure.storage.s3 import Place

    parts = urlsplit(settings.assets_url or "")
    prefix = parts.path.strip("/")
    found = _credentials(settings)
    session = boto3.session.Session(
        found.access_key if found else None,
        found.secret_key if found else None,
        found.token if found else None,
        settings.assets_region,
    )
    amazon = settings.assets_endpoint is None
    config = Config(
        signature_version="s3v4",
        connect_timeout=settings.stall_seconds,
        read_timeout=settings.stall_seconds,
        retries={"mode": "standard", "total_max_attempts": _TRIES},
        max_pool_connections=_POOL,
        s3={
            "addressing_style": "virtual" if amazon else "path",
            # TLS guards the bytes on the way, and a checksum is compared on arrival.
            "payload_signing_enabled": False,
        },
        # Servers other than Amazon's refuse the checksums that newer clients add unasked.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )

    def place(endpoint: str | None) -> Place:
        return Place(
            session.client("s3", endpoint_url=endpoint, config=config),
            str(parts.hostname),
            f"{prefix}/" if prefix else "",
            PartChecksum.SHA256 if amazon else PartChecksum.MD5,
            settings.spool_dir / "transit",
            part_size,
        )

    inside = place(settings.assets_endpoint)
    public = settings.assets_public_endpoint
    return inside, place(public) if public else inside


def _credentials(settings: Settings) -> Credentials | None:
    """None where boto3 is to find its own: environment, files, the machine's role."""
    name = settings.assets_secret
    if name is None:
        return None
    from deadwax.infrastructure.couriers.s3_client import access_keys

    try:
        return access_keys(name, FileSecrets(settings.secrets_dir).get(SYSTEM_TENANT, name))
    except (DeliveryFailed, InvalidValue) as error:
        raise SettingsError(f"DEADWAX_ASSETS_SECRET is {name}: {error}") from None
