-- What processes remember beside the log. All of it may be lost: leases fall back to the
-- time in the event, polls happen again, read files are offered again.

CREATE TABLE leases (
    distribution_id uuid PRIMARY KEY,
    token integer NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE polls (
    target_id uuid PRIMARY KEY,
    next_at timestamptz NOT NULL
);

CREATE TABLE inbox (
    target_id uuid NOT NULL,
    path text NOT NULL,
    size bigint NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now(),
    note text NOT NULL,
    PRIMARY KEY (target_id, path, size)
);

-- The last batch id handed out. One for all targets: several may lead to one server, where two
-- deliveries must never share a folder.
CREATE TABLE batch_numbers (
    one boolean PRIMARY KEY CHECK (one),
    last_at timestamptz NOT NULL
);

-- How far the dispatcher has woken workers. Losing it wakes them once too often.
CREATE TABLE dispatched (
    one boolean PRIMARY KEY CHECK (one),
    position bigint NOT NULL
);
