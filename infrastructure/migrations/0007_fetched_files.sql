-- Which bytes of the files offered to a platform that pulls were served. May be lost: a file
-- then counts as fetched once it was fetched again.

CREATE TABLE fetched_files (
    message_id text NOT NULL,
    path text NOT NULL,
    size bigint NOT NULL,
    served int8multirange NOT NULL,
    PRIMARY KEY (message_id, path)
);
