"""What the environment may say, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from deadwax.infrastructure.networks import Networks
from deadwax.infrastructure.settings import Settings, SettingsError


def test_an_empty_environment_gives_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_env({})
    assert settings.home == tmp_path / ".deadwax"
    assert settings.assets_dir == tmp_path / ".deadwax" / "assets"
    assert settings.secrets_dir == tmp_path / ".deadwax" / "secrets"
    assert settings.ddex_schemas is None
    assert (settings.database_url, settings.redis_url, settings.broker_url) == (None, None, None)
    assert (settings.api_host, settings.api_port) == ("127.0.0.1", 0)


def test_the_environment_of_the_process_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEADWAX_LEASE_SECONDS", "12.5")
    assert Settings.from_env().lease_seconds == 12.5


def test_an_empty_value_is_no_value() -> None:
    settings = Settings.from_env({"DEADWAX_API_PORT": " ", "DEADWAX_REDIS_URL": ""})
    assert (settings.api_port, settings.redis_url) == (0, None)


def test_every_path_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "xsd").mkdir()
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_env(
        {
            "DEADWAX_HOME": "here",
            "DEADWAX_SECRETS_DIR": "hidden",
            "DEADWAX_DDEX_SCHEMAS": "xsd",
        }
    )
    monkeypatch.chdir("/")
    assert settings.home == tmp_path / "here"
    assert settings.secrets_dir == tmp_path / "hidden"
    assert settings.ddex_schemas == tmp_path / "xsd"


def test_installed_schemas_are_found(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    settings = Settings.from_env({"DEADWAX_HOME": str(tmp_path)})
    assert settings.ddex_schemas == tmp_path / "schemas"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEADWAX_API_PORT", "65536"),
        ("DEADWAX_API_PORT", "80.5"),
        ("DEADWAX_API_PORT", "http"),
        ("DEADWAX_WORKER_THREADS", "0"),
        ("DEADWAX_MEDIA_PROCESSES", "0"),
        ("DEADWAX_FFMPEG", "/there/is/none"),
        ("DEADWAX_LEASE_SECONDS", "0"),
        ("DEADWAX_LEASE_SECONDS", "nan"),
        ("DEADWAX_POLL_SECONDS", "-1"),
        ("DEADWAX_STALL_SECONDS", "inf"),
        ("DEADWAX_RETRY_CAP_SECONDS", "29"),
        ("DEADWAX_MAX_BODY_BYTES", "1e99"),
        ("DEADWAX_LOG_LEVEL", "loud"),
        ("DEADWAX_DDEX_SCHEMAS", "/no/such/folder"),
        ("DEADWAX_DATABASE_URL", "mysql://here"),
        ("DEADWAX_REDIS_URL", "localhost:6379"),
        ("DEADWAX_BROKER", "kafka://here"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({name: value})


@pytest.mark.parametrize("name", ["DEADWAX_DATABASE_URL", "DEADWAX_REDIS_URL", "DEADWAX_BROKER"])
def test_no_password_is_in_a_refusal(name: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        Settings.from_env({name: "wrong://user:hunter2@host"})
    assert "hunter2" not in str(refusal.value)


def test_no_password_is_shown() -> None:
    settings = Settings.from_env(
        {
            "DEADWAX_DATABASE_URL": "postgresql://user:hunter2@host/db",
            "DEADWAX_REDIS_URL": "rediss://:hunter2@host",
            "DEADWAX_BROKER": "amqp://user:hunter2@host",
        }
    )
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    ["redis://h", "rediss://h", "unix:///run/redis.sock", "amqp://h", "amqps://h"],
)
def test_messages_go_to_the_broker_if_there_is_one(url: str) -> None:
    settings = Settings.from_env({"DEADWAX_REDIS_URL": "redis://other", "DEADWAX_BROKER": url})
    assert settings.queue_url() == url


def test_messages_go_to_redis_otherwise() -> None:
    assert Settings.from_env({"DEADWAX_REDIS_URL": "redis://h"}).queue_url() == "redis://h"


def test_what_is_needed_and_missing_is_named() -> None:
    settings = Settings.from_env({})
    with pytest.raises(SettingsError, match="DEADWAX_DATABASE_URL"):
        settings.require_database()
    with pytest.raises(SettingsError, match="DEADWAX_BROKER"):
        settings.queue_url()


def test_networks_of_deliveries_are_public_named_or_both() -> None:
    read = Settings.from_env({"DEADWAX_DELIVERY_NETWORKS": "public, 10.20.0.0/16"})
    assert read.delivery_networks == Networks.read("public,10.20.0.0/16")
    assert Settings.from_env({}).delivery_networks is None


@pytest.mark.parametrize("value", ["everything", "10.0.0.1/8", "public,", "10.0.0.0/40"])
def test_networks_that_are_none_are_refused(value: str) -> None:
    with pytest.raises(SettingsError, match=r"DEADWAX_DELIVERY_NETWORKS: .* Give `public`"):
        Settings.from_env({"DEADWAX_DELIVERY_NETWORKS": value})
