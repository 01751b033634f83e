-- Uploads on their way. Losing a row loses an unfinished upload: the client begins anew. What was
-- stored is in the log.

CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    way text NOT NULL,
    state text NOT NULL,
    filename text NOT NULL,
    size bigint NOT NULL,
    sha256 text,
    actor text NOT NULL,
    correlation_id text NOT NULL,
    expires_at timestamptz NOT NULL,
    metadata text,
    partial boolean NOT NULL,
    parts uuid[] NOT NULL,
    proven bigint,
    multipart text,
    part_size bigint,
    asset text,
    position bigint,
    problems jsonb NOT NULL,
    -- Until then a worker reads it, and until then none is asked to once more.
    claimed_until timestamptz NOT NULL DEFAULT '-infinity',
    asked_until timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE INDEX uploads_expires_at ON uploads (expires_at);
CREATE INDEX uploads_verifying ON uploads (id) WHERE state = 'verifying';
