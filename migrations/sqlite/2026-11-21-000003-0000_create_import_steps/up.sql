-- A file is kept from the moment it is sent: checked, planned, applied, taken back.
-- SQLite cannot loosen a column: the table is made anew under its name (the program sees to it
-- that references hold afterwards).
CREATE TABLE import_new (
    id INTEGER PRIMARY KEY NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('checking', 'planned', 'applying', 'applied', 'failed', 'interrupted', 'reverted', 'cancelled')),
    file_name TEXT NOT NULL CHECK (length(file_name) BETWEEN 1 AND 300),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    size BIGINT NOT NULL CHECK (size >= 0),
    -- What the sender said beside the file, JSON.
    asked TEXT NOT NULL CHECK (length(asked) BETWEEN 2 AND 20000),
    -- Whose keys see it: 'all', two digits of a prefecture, six of a municipality.
    reach TEXT NOT NULL CHECK (length(reach) IN (2, 3, 6)),
    actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    created_at TIMESTAMP NOT NULL,
    -- When the work that is under way began.
    started_at TIMESTAMP,
    encoding TEXT CHECK (length(encoding) BETWEEN 1 AND 40),
    layout TEXT CHECK (length(layout) BETWEEN 1 AND 60),
    profile TEXT CHECK (length(profile) BETWEEN 1 AND 100),
    -- What was understood and what it would change, JSON without the single rows.
    report TEXT,
    -- The headings of the file, JSON.
    headings TEXT,
    plan_hash BLOB CHECK (length(plan_hash) = 32),
    failure TEXT CHECK (length(failure) BETWEEN 1 AND 1000),
    applied_at TIMESTAMP,
    applied_by TEXT CHECK (length(applied_by) BETWEEN 1 AND 200),
    -- The rows of the log that came with it are contiguous: they are written under one lock. An
    -- import that had nothing to write has none.
    first_seq BIGINT,
    last_seq BIGINT,
    CHECK ((applied_at IS NULL) = (applied_by IS NULL)),
    CHECK ((first_seq IS NULL) = (last_seq IS NULL)),
    CHECK (first_seq IS NULL OR (first_seq <= last_seq AND applied_at IS NOT NULL)),
    CHECK (status <> 'planned' OR plan_hash IS NOT NULL)
);

INSERT INTO import_new (
    id, status, file_name, sha256, size, asked, reach, actor, created_at, encoding, layout, report, plan_hash,
    applied_at, applied_by, first_seq, last_seq
)
SELECT
    id,
    CASE WHEN EXISTS (SELECT 1 FROM retraction WHERE retraction.import_id = import.id) THEN 'reverted' ELSE 'applied' END,
    file_name, sha256, size, '{}', 'all', actor, applied_at, encoding, layout,
    json_object('counts', json_object('created', created_count, 'changed', changed_count, 'confirmed', confirmed_count, 'unchanged', unchanged_count, 'rejected', rejected_count)),
    plan_hash, applied_at, actor, first_seq, last_seq
FROM import;

DROP TABLE import;
ALTER TABLE import_new RENAME TO import;

CREATE INDEX import_status ON import (status);

-- The file as it came.
CREATE TABLE import_original (
    import_id INTEGER PRIMARY KEY NOT NULL REFERENCES import (id),
    bytes BLOB NOT NULL
);

-- Rows that were rejected or have a warning, with their cells as they came. Line 0 is the file.
CREATE TABLE import_row (
    import_id BIGINT NOT NULL REFERENCES import (id),
    line BIGINT NOT NULL CHECK (line >= 0),
    outcome TEXT NOT NULL CHECK (outcome IN ('rejected', 'warning')),
    -- JSON.
    faults TEXT NOT NULL,
    cells TEXT NOT NULL,
    PRIMARY KEY (import_id, line, outcome)
) WITHOUT ROWID;

-- What the marks of a sender's files mean. The owner is whose keys may use and change it.
CREATE TABLE profile (
    owner TEXT NOT NULL CHECK (length(owner) IN (2, 3, 6)),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    -- JSON.
    marks TEXT NOT NULL CHECK (length(marks) BETWEEN 2 AND 20000),
    "binary" TEXT CHECK ("binary" IN ('flag', 'level')),
    updated_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    PRIMARY KEY (owner, name)
) WITHOUT ROWID;

-- Applications, append-only like the log and numbered with it: the last row of a key whose import
-- was not taken back is what holds.
CREATE TABLE usage (
    seq INTEGER PRIMARY KEY NOT NULL,
    municipality_code TEXT NOT NULL REFERENCES municipality (code),
    procedure_id TEXT NOT NULL REFERENCES procedure (id),
    fiscal_year INTEGER NOT NULL CHECK (fiscal_year BETWEEN 1950 AND 2100),
    channel_group TEXT NOT NULL CHECK (channel_group IN ('all', 'online')),
    applications BIGINT NOT NULL CHECK (applications >= 0),
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    import_id BIGINT NOT NULL REFERENCES import (id),
    line BIGINT NOT NULL CHECK (line > 0)
);

CREATE INDEX usage_key ON usage (municipality_code, procedure_id);

-- Figures as the state published them, in the same way.
CREATE TABLE published_figure (
    seq INTEGER PRIMARY KEY NOT NULL,
    municipality_code TEXT NOT NULL REFERENCES municipality (code),
    procedure_id TEXT REFERENCES procedure (id),
    definition TEXT CHECK (length(definition) BETWEEN 1 AND 60),
    fiscal_year INTEGER NOT NULL CHECK (fiscal_year BETWEEN 1950 AND 2100),
    source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 80),
    percent_hundredths BIGINT CHECK (percent_hundredths BETWEEN 0 AND 10000),
    numerator BIGINT CHECK (numerator >= 0),
    denominator BIGINT CHECK (denominator >= 0),
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    import_id BIGINT NOT NULL REFERENCES import (id),
    line BIGINT NOT NULL CHECK (line > 0),
    CHECK ((procedure_id IS NULL) <> (definition IS NULL)),
    CHECK (numerator IS NULL OR denominator IS NULL OR numerator <= denominator)
);

CREATE INDEX published_figure_key ON published_figure (municipality_code, source);

CREATE TRIGGER usage_is_never_updated BEFORE UPDATE ON usage
BEGIN SELECT RAISE(ABORT, 'the table usage is append-only'); END;
CREATE TRIGGER usage_is_never_deleted BEFORE DELETE ON usage
BEGIN SELECT RAISE(ABORT, 'the table usage is append-only'); END;
CREATE TRIGGER published_figure_is_never_updated BEFORE UPDATE ON published_figure
BEGIN SELECT RAISE(ABORT, 'the table published_figure is append-only'); END;
CREATE TRIGGER published_figure_is_never_deleted BEFORE DELETE ON published_figure
BEGIN SELECT RAISE(ABORT, 'the table published_figure is append-only'); END;
