-- Applications are also counted by the other ways in which they come. SQLite changes a CHECK only with
-- its table.
CREATE TABLE usage_new (
    seq INTEGER PRIMARY KEY NOT NULL,
    municipality_code TEXT NOT NULL REFERENCES municipality (code),
    procedure_id TEXT NOT NULL REFERENCES procedure (id),
    fiscal_year INTEGER NOT NULL CHECK (fiscal_year BETWEEN 1950 AND 2100),
    channel_group TEXT NOT NULL CHECK (
        channel_group IN ('all', 'online', 'counter', 'mail', 'convenience', 'assisted')
    ),
    applications BIGINT NOT NULL CHECK (applications >= 0),
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    import_id BIGINT NOT NULL REFERENCES import (id),
    line BIGINT NOT NULL CHECK (line > 0)
);

INSERT INTO usage_new SELECT * FROM usage;
DROP TABLE usage;
ALTER TABLE usage_new RENAME TO usage;
CREATE INDEX usage_key ON usage (municipality_code, procedure_id);

CREATE TRIGGER usage_is_never_updated BEFORE UPDATE ON usage
BEGIN SELECT RAISE(ABORT, 'the table usage is append-only'); END;
CREATE TRIGGER usage_is_never_deleted BEFORE DELETE ON usage
BEGIN SELECT RAISE(ABORT, 'the table usage is append-only'); END;
