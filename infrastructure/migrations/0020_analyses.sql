-- Who measures which asset now, and how far it is. Not in the write-ahead log: a crash of the
-- server may lose it, and then something is measured twice.

CREATE UNLOGGED TABLE analyses (
    asset_id uuid PRIMARY KEY,
    asked_at timestamptz NOT NULL DEFAULT now(),
    worker text,
    at timestamptz,
    done real NOT NULL DEFAULT 0
);
