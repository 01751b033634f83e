-- Answers to POST requests with an Idempotency-Key, so that a repeated request does nothing
-- twice. Losing a row means that a repetition is taken for a new request.

CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    key text NOT NULL,
    -- Of method, address and body: the key stands for this request and no other.
    fingerprint text NOT NULL,
    -- The head of the log when the request first came: what it caused stands after it.
    since bigint NOT NULL,
    tries integer NOT NULL DEFAULT 1,
    -- Until then somebody works on it, unless there is an answer already.
    locked_until timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    status smallint,
    headers jsonb,
    body bytea,
    PRIMARY KEY (tenant_id, key)
);

CREATE INDEX ON idempotency_keys (expires_at);
