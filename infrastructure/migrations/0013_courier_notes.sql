-- What couriers want to find again over later connections, such as the address of an unfinished
-- upload. `name` is a digest. May be lost: then such an upload starts over.

CREATE TABLE courier_notes (
    tenant_id uuid NOT NULL,
    name text NOT NULL,
    note text NOT NULL,
    noted_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
CREATE INDEX courier_notes_noted_at ON courier_notes (noted_at);
