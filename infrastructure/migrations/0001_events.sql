-- The event log. Rows are only ever added, and read in the order of `position`.

CREATE SEQUENCE events_position CACHE 1;

CREATE TABLE events (
    -- The transaction id comes before the number: whoever holds a position below a gap then
    -- has a transaction id already, by which a reader can tell that the holder has ended.
    position bigint PRIMARY KEY DEFAULT (
        CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('events_position') END
    ),
    event_id uuid NOT NULL,
    stream_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    type text NOT NULL,
    schema_version smallint NOT NULL CHECK (schema_version > 0),
    tenant_id uuid NOT NULL,
    actor text NOT NULL,
    correlation_id text NOT NULL,
    causation_id text,
    recorded_at timestamptz NOT NULL,
    -- json, not jsonb: the text stays exactly as it was written.
    data json NOT NULL,
    CONSTRAINT events_stream_version UNIQUE (stream_id, version)
);

ALTER SEQUENCE events_position OWNED BY events.position;

CREATE FUNCTION events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are only ever appended: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
