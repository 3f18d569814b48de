-- Whose facts the rows of a large import are, and of which days, once more in small: a program that goes through a long
-- log reads these. Rows that were written before have none, and are read themselves.
CREATE TABLE kept_keys (
    first_seq BIGINT PRIMARY KEY NOT NULL,
    last_seq BIGINT NOT NULL CHECK (first_seq <= last_seq),
    import_id BIGINT NOT NULL REFERENCES import (id),
    keys BYTEA NOT NULL
);
