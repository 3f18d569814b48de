-- The tables stay empty: an older program fills them for what is written from then on only.
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

-- Facts whose day had not come when they were learnt: looked up when a new day begins.
CREATE INDEX assertion_ahead ON assertion (effective_on) WHERE effective_on > recorded_at;

CREATE INDEX assertion_recorded ON assertion (recorded_at);
