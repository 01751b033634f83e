-- How far running deliveries are, for people to see. Not in the write-ahead log: it is written
-- once a second, and a crash of the server may lose it.

CREATE UNLOGGED TABLE progress (
    distribution_id uuid PRIMARY KEY,
    token integer NOT NULL,
    at timestamptz NOT NULL,
    snapshot jsonb NOT NULL
);
