"""Which codes stand in the releases of a tenant, or ever stood there: read from the log."""

from __future__ import annotations

from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool

from deadwax.domain.code_range import CodeKind

# Recordings nest, and what they name as related is noted as well, which does no harm.
_PATHS = {
    CodeKind.ISRC: ["$.**.isrc"],
    CodeKind.ICPN: ["$.metadata.icpn", "$.changes.icpn.to"],
}
_BORNE = """
SELECT DISTINCT code #>> '{}'
FROM events AS first
JOIN events AS event USING (stream_id)
CROSS JOIN LATERAL unnest(%(paths)s::jsonpath[]) AS path
CROSS JOIN LATERAL jsonb_path_query(event.data::jsonb, path) AS code
WHERE first.tenant_id = %(tenant)s AND first.type = 'release.drafted'
  AND event.type IN ('release.drafted', 'release.amended')
  AND jsonb_typeof(code) = 'string'
"""


class PostgresCodeHistory:
    def __init__(self, pool: ConnectionPool[psycopg.Connection]) -> None:
        self._pool = pool

    def borne(self, tenant_id: UUID, kind: CodeKind) -> list[str]:
        with self._pool.connection() as connection:
            wanted = {"tenant": tenant_id, "paths": _PATHS[kind]}
            return [code for (code,) in connection.execute(_BORNE, wanted).fetchall()]
