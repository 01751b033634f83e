"""What the environment says; the only reader of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from deadwax.infrastructure.networks import Networks

_BROKER_SCHEMES = ("redis", "rediss", "unix", "amqp", "amqps")


_ORDINARY = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH")


def ordinary_environment() -> dict[str, str]:
    """For programs that have no business with ours, where addresses may hold passwords."""
    return {name: os.environ[name] for name in _ORDINARY if name in os.environ}


class SettingsError(Exception):
    """A variable with a value that cannot be; names the variable, the rule and the fix."""


@dataclass(frozen=True)
class Settings:
    """Times are in seconds, sizes in bytes. Addresses may hold passwords and are not shown."""

    home: Path
    database_url: str | None = field(repr=False)
    redis_url: str | None = field(repr=False)
    broker_url: str | None = field(repr=False)
    ddex_schemas: Path | None
    assets_dir: Path
    assets_url: str | None
    """s3://bucket/prefix, where assets are not in `assets_dir`."""
    assets_endpoint: str | None
    """Of the store that speaks like S3; None: Amazon's own."""
    assets_public_endpoint: str | None
    """The same as clients reach it from outside, for links that they are given."""
    assets_region: str
    assets_secret: str | None
    """Name of the installation's secret with the access keys; None: as boto3 finds them."""
    spool_dir: Path
    """For unfinished uploads, and what comes from and goes to a remote store."""
    upload_seconds: float
    """How long an unfinished upload is kept that nobody goes on with."""
    secrets_dir: Path
    delivery_folder: Path | None
    """Set aside for deliveries on this machine: folders, and what is handed over by hand."""
    delivery_networks: Networks | None
    """Where deliveries may connect to; None: anywhere."""
    api_host: str
    api_port: int
    """0 takes a free one."""
    worker_threads: int
    media_processes: int
    """How many media files one process of ours reads at once, each in a process of its own."""
    ffmpeg: Path | None
    """None: the one that was installed with us."""
    queue_limit: int
    """How many deliveries are in the queue or under way, at most."""
    lease_seconds: float
    poll_seconds: float
    """How often acknowledgements are looked for."""
    stall_seconds: float
    """How long a transfer may make no progress."""
    answer_seconds: float
    """How long a platform may take to answer before a person is told."""
    retry_base_seconds: float
    retry_cap_seconds: float
    max_body_bytes: int
    max_asset_bytes: int
    log_level: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Raises SettingsError for a value that cannot be."""
        read = _Reader(os.environ if environ is None else environ)
        home = read.path("DEADWAX_HOME", Path(".deadwax"))
        schemas = read.path("DEADWAX_DDEX_SCHEMAS", home / "schemas")
        if read.optional("DEADWAX_DDEX_SCHEMAS") and not schemas.is_dir():
            raise SettingsError(
                f"DEADWAX_DDEX_SCHEMAS is {schemas}, which is no folder: name the folder of the"
                " DDEX schemas, or unset it."
            )
        retry_base = read.number("DEADWAX_RETRY_BASE_SECONDS", 30, 0.01, 86_400)
        return cls(
            home=home,
            database_url=read.url("DEADWAX_DATABASE_URL", ("postgresql", "postgres")),
            redis_url=read.url("DEADWAX_REDIS_URL", ("redis", "rediss", "unix")),
            broker_url=read.url("DEADWAX_BROKER", _BROKER_SCHEMES),
            ddex_schemas=schemas if schemas.is_dir() else None,
            assets_dir=home / "assets",
            assets_url=read.bucket("DEADWAX_ASSETS_URL"),
            assets_endpoint=read.url("DEADWAX_ASSETS_ENDPOINT", ("https", "http")),
            assets_public_endpoint=read.url("DEADWAX_ASSETS_PUBLIC_ENDPOINT", ("https", "http")),
            assets_region=read.text("DEADWAX_ASSETS_REGION", "us-east-1"),
            assets_secret=read.optional("DEADWAX_ASSETS_SECRET"),
            spool_dir=read.path("DEADWAX_SPOOL_DIR", home / "spool"),
            upload_seconds=read.number("DEADWAX_UPLOAD_SECONDS", 86_400, 1, 604_800),
            secrets_dir=read.path("DEADWAX_SECRETS_DIR", home / "secrets"),
            delivery_folder=read.folder("DEADWAX_DELIVERY_FOLDER"),
            delivery_networks=read.networks("DEADWAX_DELIVERY_NETWORKS"),
            api_host=read.text("DEADWAX_API_HOST", "127.0.0.1"),
            api_port=read.whole("DEADWAX_API_PORT", 0, 0, 65535),
            worker_threads=read.whole("DEADWAX_WORKER_THREADS", 8, 1, 256),
            media_processes=read.whole("DEADWAX_MEDIA_PROCESSES", os.cpu_count() or 1, 1, 256),
            ffmpeg=read.file("DEADWAX_FFMPEG"),
            queue_limit=read.whole("DEADWAX_QUEUE_LIMIT", 200, 1, 100_000),
            lease_seconds=read.number("DEADWAX_LEASE_SECONDS", 60, 1, 86_400),
            poll_seconds=read.number("DEADWAX_POLL_SECONDS", 300, 0.1, 86_400),
            stall_seconds=read.number("DEADWAX_STALL_SECONDS", 30, 0.5, 3600),
            answer_seconds=read.number("DEADWAX_ANSWER_SECONDS", 259_200, 1, 31_536_000),
            retry_base_seconds=retry_base,
            retry_cap_seconds=read.number(
                "DEADWAX_RETRY_CAP_SECONDS", max(3600, retry_base), retry_base, 604_800
            ),
            max_body_bytes=read.whole("DEADWAX_MAX_BODY_BYTES", 2 << 20, 1024, 1 << 30),
            max_asset_bytes=read.whole("DEADWAX_MAX_ASSET_BYTES", 8 << 30, 1, 1 << 40),
            log_level=read.choice(
                "DEADWAX_LOG_LEVEL", "info", ("debug", "info", "warning", "error")
            ),
        )

    def require_database(self) -> str:
        """The database address; SettingsError if none is named."""
        if self.database_url is None:
            raise SettingsError("DEADWAX_DATABASE_URL is not set: name the PostgreSQL server.")
        return self.database_url

    def require_redis(self) -> str:
        """The address of Redis; SettingsError if none is named."""
        if self.redis_url is None:
            raise SettingsError(
                "DEADWAX_REDIS_URL is not set: name the Redis in which workers count together."
            )
        return self.redis_url

    def queue_url(self) -> str:
        """Where job messages go: the broker, or else Redis; SettingsError if neither is named."""
        url = self.broker_url or self.redis_url
        if url is None:
            raise SettingsError("Neither DEADWAX_BROKER nor DEADWAX_REDIS_URL is set: name one.")
        return url


@dataclass(frozen=True)
class _Reader:
    environ: Mapping[str, str]

    def optional(self, name: str) -> str | None:
        return self.environ.get(name, "").strip() or None

    def text(self, name: str, default: str) -> str:
        return self.optional(name) or default

    def path(self, name: str, default: Path) -> Path:
        return Path(self.optional(name) or default).expanduser().absolute()

    def folder(self, name: str) -> Path | None:
        """One that is there, or None if the variable is not set."""
        value = self.optional(name)
        if value is None:
            return None
        folder = Path(value).expanduser().absolute()
        if not folder.is_dir():
            raise SettingsError(f"{name} is {value}, which is no folder: name one, or unset it.")
        return folder

    def file(self, name: str) -> Path | None:
        """One that is there, or None if the variable is not set."""
        value = self.optional(name)
        if value is None:
            return None
        file = Path(value).expanduser().absolute()
        if not file.is_file():
            raise SettingsError(f"{name} is {value}, which is no file: name one, or unset it.")
        return file

    def networks(self, name: str) -> Networks | None:
        value = self.optional(name)
        try:
            return Networks.read(value) if value else None
        except ValueError as error:
            raise SettingsError(
                f"{name}: {error}. Give `public`, networks such as 10.20.0.0/16, or both, with"
                " commas between, or unset it."
            ) from None

    def bucket(self, name: str) -> str | None:
        value = self.optional(name)
        if value and not re.fullmatch(
            r"s3://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/[\w.-]+)*/?", value
        ):
            raise SettingsError(
                f"{name} is {value}: give s3://, a bucket and perhaps a prefix, or unset it."
            )
        return value

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        value = self.optional(name)
        if value and not re.match(rf"({'|'.join(schemes)})://", value):
            listed = ", ".join(f"{s}://" for s in schemes)
            # Not the value: it may hold a password.
            raise SettingsError(f"{name} must start with one of {listed}: give such an address.")
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self.optional(name)
        try:
            number = default if value is None else float(value)
        except ValueError:
            raise SettingsError(f"{name} is {value!r}: give a number.") from None
        if not low <= number <= high:
            raise SettingsError(f"{name} is {value}: give a number from {low} to {high}.")
        return number

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        number = self.number(name, default, low, high)
        if number != int(number):
            raise SettingsError(f"{name} is {number}: give a whole number.")
        return int(number)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default).lower()
        if value not in choices:
            raise SettingsError(f"{name} is {value!r}: give one of {', '.join(choices)}.")
        return value
