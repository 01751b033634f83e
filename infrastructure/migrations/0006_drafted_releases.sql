-- The releases of a tenant, found in the log itself.

CREATE INDEX events_drafted_releases ON events (tenant_id) WHERE type = 'release.drafted';
