-- What was asked to wait, although it was due: no worker is sent there before. May be lost: a
-- worker is then sent once too often, and says so again.

CREATE TABLE waits (
    distribution_id uuid PRIMARY KEY,
    version integer NOT NULL,
    reason text NOT NULL,
    until timestamptz NOT NULL
);

CREATE TABLE target_waits (
    target_id uuid PRIMARY KEY,
    version integer NOT NULL,
    reason text NOT NULL,
    until timestamptz NOT NULL
);
