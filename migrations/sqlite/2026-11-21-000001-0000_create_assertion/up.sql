-- The append-only log of stated facts, what takes an import back, and the projection of what
-- holds today. The log is the record; readiness and applicability can be rebuilt from it.

CREATE TABLE import (
    id INTEGER PRIMARY KEY NOT NULL,
    file_name TEXT NOT NULL CHECK (length(file_name) BETWEEN 1 AND 300),
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    size BIGINT NOT NULL CHECK (size >= 0),
    encoding TEXT NOT NULL CHECK (length(encoding) BETWEEN 1 AND 40),
    layout TEXT NOT NULL CHECK (length(layout) BETWEEN 1 AND 60),
    actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    applied_at TIMESTAMP NOT NULL,
    plan_hash BLOB NOT NULL CHECK (length(plan_hash) = 32),
    created_count BIGINT NOT NULL CHECK (created_count >= 0),
    changed_count BIGINT NOT NULL CHECK (changed_count >= 0),
    confirmed_count BIGINT NOT NULL CHECK (confirmed_count >= 0),
    unchanged_count BIGINT NOT NULL CHECK (unchanged_count >= 0),
    rejected_count BIGINT NOT NULL CHECK (rejected_count >= 0),
    -- The assertions of one import are contiguous: they are written under one lock.
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    CHECK (first_seq <= last_seq)
);

CREATE TABLE assertion (
    -- Given by the program under the write lock, shared with retraction: order is commit order.
    seq INTEGER PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('readiness', 'applicability', 'confirmation', 'withdrawal')),
    municipality_code TEXT NOT NULL REFERENCES municipality (code),
    procedure_id TEXT NOT NULL REFERENCES procedure (id),
    -- Null: the assertion is about applicability of the procedure as a whole.
    channel_id TEXT REFERENCES channel (id),
    source TEXT NOT NULL CHECK (source IN ('own', 'published')),
    level SMALLINT CHECK (level BETWEEN 0 AND 5),
    at_least BOOLEAN NOT NULL,
    state TEXT CHECK (state IN ('live', 'prepared', 'seasonal', 'suspended')),
    evidence TEXT CHECK (evidence IN ('declared', 'published', 'seen', 'verified')),
    applicability TEXT CHECK (applicability IN ('applicable', 'not_applicable', 'other_body', 'abolished')),
    applicability_reason TEXT CHECK (length(applicability_reason) BETWEEN 1 AND 1000),
    target_level SMALLINT CHECK (target_level BETWEEN 0 AND 5),
    target_on DATE,
    target_precision TEXT CHECK (target_precision IN ('day', 'month', 'fiscal_year')),
    system TEXT CHECK (length(system) BETWEEN 1 AND 100),
    url TEXT CHECK (length(url) BETWEEN 1 AND 500),
    note TEXT CHECK (length(note) BETWEEN 1 AND 1000),
    section TEXT CHECK (length(section) BETWEEN 1 AND 100),
    effective_on DATE NOT NULL,
    effective_precision TEXT NOT NULL CHECK (effective_precision IN ('day', 'month', 'fiscal_year')),
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    import_id BIGINT REFERENCES import (id),
    line BIGINT CHECK (line > 0),
    CHECK ((level IS NULL) = (state IS NULL)),
    CHECK ((level IS NULL) = (evidence IS NULL)),
    CHECK ((target_on IS NULL) = (target_precision IS NULL)),
    CHECK (kind <> 'readiness' OR (level IS NOT NULL AND channel_id IS NOT NULL AND applicability IS NULL)),
    CHECK (kind <> 'applicability' OR (level IS NULL AND channel_id IS NULL AND applicability IS NOT NULL)),
    CHECK (kind <> 'withdrawal' OR (level IS NULL AND applicability IS NULL)),
    CHECK (kind <> 'confirmation' OR (level IS NULL) <> (applicability IS NULL))
);

CREATE INDEX assertion_key ON assertion (municipality_code, procedure_id);

-- Facts whose day had not come when they were learnt: looked up when a new day begins.
CREATE INDEX assertion_ahead ON assertion (effective_on) WHERE effective_on > recorded_at;

CREATE TABLE retraction (
    seq INTEGER PRIMARY KEY NOT NULL,
    import_id BIGINT NOT NULL UNIQUE REFERENCES import (id),
    retracted_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 200)
);

CREATE TRIGGER assertion_is_never_updated BEFORE UPDATE ON assertion
BEGIN SELECT RAISE(ABORT, 'the log of assertions is append-only'); END;
CREATE TRIGGER assertion_is_never_deleted BEFORE DELETE ON assertion
BEGIN SELECT RAISE(ABORT, 'the log of assertions is append-only'); END;
CREATE TRIGGER retraction_is_never_updated BEFORE UPDATE ON retraction
BEGIN SELECT RAISE(ABORT, 'retractions are append-only'); END;
CREATE TRIGGER retraction_is_never_deleted BEFORE DELETE ON retraction
BEGIN SELECT RAISE(ABORT, 'retractions are append-only'); END;

CREATE TABLE readiness (
    municipality_code TEXT NOT NULL,
    procedure_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('own', 'published')),
    seq BIGINT NOT NULL REFERENCES assertion (seq),
    confirmed_on DATE,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (municipality_code, procedure_id, channel_id, source)
) WITHOUT ROWID;

CREATE TABLE applicability (
    municipality_code TEXT NOT NULL,
    procedure_id TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('own', 'published')),
    seq BIGINT NOT NULL REFERENCES assertion (seq),
    confirmed_on DATE,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (municipality_code, procedure_id, source)
) WITHOUT ROWID;
