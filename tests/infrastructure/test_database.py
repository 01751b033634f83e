"""Connections are in UTC, named, and replaced when the server was away."""

from __future__ import annotations

import time

from deadwax.infrastructure.database import ALIVE_SECONDS, connect, open_pool
from deadwax.infrastructure.embedded import EmbeddedServers


def test_a_connection_commits_by_itself_in_utc_under_its_name(database_url: str) -> None:
    with connect(database_url, "somebody") as connection:
        shown = [
            connection.execute(f"SHOW {name}").fetchone()
            for name in ("timezone", "application_name")
        ]
        assert shown == [("UTC",), ("somebody",)]
        assert connection.autocommit


def test_a_pool_lends_working_connections_after_a_restart(own_servers: EmbeddedServers) -> None:
    with open_pool(own_servers.database_url, size=2, name="pooled") as pool:
        with pool.connection() as connection:
            connection.execute("SELECT 1")
        own_servers.restart_postgres(immediate=True)
        time.sleep(ALIVE_SECONDS)
        with pool.connection() as connection:
            assert connection.execute("SHOW timezone").fetchone() == ("UTC",)
