DROP TABLE published_figure;
DROP TABLE usage;
DROP TABLE profile;
DROP TABLE import_row;
DROP TABLE import_original;

CREATE TABLE import_old (
    id BIGINT PRIMARY KEY NOT NULL,
    file_name TEXT COLLATE "C" NOT NULL CHECK (length(file_name) BETWEEN 1 AND 300),
    sha256 BYTEA NOT NULL CHECK (length(sha256) = 32),
    size BIGINT NOT NULL CHECK (size >= 0),
    encoding TEXT COLLATE "C" NOT NULL CHECK (length(encoding) BETWEEN 1 AND 40),
    layout TEXT COLLATE "C" NOT NULL CHECK (length(layout) BETWEEN 1 AND 60),
    actor TEXT COLLATE "C" NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    applied_at TIMESTAMP NOT NULL,
    plan_hash BYTEA NOT NULL CHECK (length(plan_hash) = 32),
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

INSERT INTO import_old
SELECT
    id, file_name, sha256, size, coalesce(encoding, '-'), coalesce(layout, '-'), actor, applied_at, plan_hash,
    coalesce((report::json -> 'counts' ->> 'created')::bigint, 0), coalesce((report::json -> 'counts' ->> 'changed')::bigint, 0), coalesce((report::json -> 'counts' ->> 'confirmed')::bigint, 0), coalesce((report::json -> 'counts' ->> 'unchanged')::bigint, 0), coalesce((report::json -> 'counts' ->> 'rejected')::bigint, 0),
    coalesce(first_seq, 0), coalesce(last_seq, 0)
FROM import
WHERE applied_at IS NOT NULL;

ALTER TABLE assertion DROP CONSTRAINT assertion_import_id_fkey;
ALTER TABLE retraction DROP CONSTRAINT retraction_import_id_fkey;
DROP TABLE import;
ALTER TABLE import_old RENAME TO import;
ALTER TABLE assertion ADD FOREIGN KEY (import_id) REFERENCES import (id);
