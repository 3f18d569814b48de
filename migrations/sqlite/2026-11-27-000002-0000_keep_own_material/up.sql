-- What a town keeps of its own beside readiness: its answers to points to check, its action plan, the figures around
-- it. Which fields a kind has is the program's table of fields; `subject` and `content` are its values.
CREATE TABLE material (
    seq INTEGER PRIMARY KEY NOT NULL,
    municipality_code TEXT NOT NULL REFERENCES municipality (code),
    kind TEXT NOT NULL CHECK (
        kind IN ('checklist_answer', 'action', 'context_indicator', 'walkthrough', 'plan_step', 'handling_time')
    ),
    -- Null: it is about the body as a whole.
    procedure_id TEXT REFERENCES procedure (id),
    subject TEXT NOT NULL CHECK (length(subject) BETWEEN 2 AND 1000),
    content TEXT NOT NULL CHECK (length(content) BETWEEN 2 AND 20000),
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    import_id BIGINT NOT NULL REFERENCES import (id),
    line BIGINT NOT NULL CHECK (line > 0)
);
CREATE INDEX material_kind ON material (kind, municipality_code);

CREATE TRIGGER material_is_never_updated BEFORE UPDATE ON material
BEGIN SELECT RAISE(ABORT, 'the table material is append-only'); END;
CREATE TRIGGER material_is_never_deleted BEFORE DELETE ON material
BEGIN SELECT RAISE(ABORT, 'the table material is append-only'); END;
