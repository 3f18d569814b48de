-- Keys, sessions, the audit log and the answers kept for repeated requests.

CREATE TABLE api_token (
    id BIGINT PRIMARY KEY NOT NULL,
    name TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- The first random letters, by which people tell their keys apart.
    hint TEXT COLLATE "C" NOT NULL CHECK (length(hint) = 4),
    sha256 BYTEA NOT NULL UNIQUE CHECK (length(sha256) = 32),
    role TEXT COLLATE "C" NOT NULL CHECK (role IN ('admin', 'prefecture', 'municipality')),
    prefecture TEXT COLLATE "C" CHECK (length(prefecture) = 2),
    municipality_code TEXT COLLATE "C" REFERENCES municipality (code),
    -- Codes with commas between; empty is no limit.
    categories TEXT COLLATE "C" NOT NULL CHECK (length(categories) <= 200),
    scopes TEXT COLLATE "C" NOT NULL CHECK (length(scopes) BETWEEN 1 AND 100),
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL CHECK (length(created_by) BETWEEN 1 AND 200),
    expires_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP,
    revoked_at TIMESTAMP,
    revoked_by TEXT COLLATE "C" CHECK (length(revoked_by) BETWEEN 1 AND 200),
    CHECK ((role = 'prefecture') = (prefecture IS NOT NULL)),
    CHECK ((role = 'municipality') = (municipality_code IS NOT NULL)),
    CHECK (created_at < expires_at),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);

CREATE TABLE session (
    id BIGINT PRIMARY KEY NOT NULL,
    -- Of the id in the cookie, which is stored nowhere.
    sha256 BYTEA NOT NULL UNIQUE CHECK (length(sha256) = 32),
    token_id BIGINT NOT NULL REFERENCES api_token (id),
    csrf TEXT COLLATE "C" NOT NULL CHECK (length(csrf) BETWEEN 20 AND 100),
    created_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP,
    address TEXT COLLATE "C" CHECK (length(address) BETWEEN 1 AND 60),
    agent TEXT COLLATE "C" CHECK (length(agent) BETWEEN 1 AND 200)
);

CREATE INDEX session_token ON session (token_id);

CREATE TABLE audit (
    -- Without gaps, given by the program under the write lock.
    seq BIGINT PRIMARY KEY NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT COLLATE "C" NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    address TEXT COLLATE "C" CHECK (length(address) BETWEEN 1 AND 60),
    request_id TEXT COLLATE "C" CHECK (length(request_id) BETWEEN 1 AND 100),
    action TEXT COLLATE "C" NOT NULL CHECK (length(action) BETWEEN 1 AND 40),
    object TEXT COLLATE "C" NOT NULL CHECK (length(object) BETWEEN 1 AND 200),
    before TEXT COLLATE "C" CHECK (length(before) <= 20000),
    after TEXT COLLATE "C" CHECK (length(after) <= 20000),
    file TEXT COLLATE "C" CHECK (length(file) BETWEEN 1 AND 300),
    line BIGINT CHECK (line > 0),
    previous BYTEA NOT NULL CHECK (length(previous) = 32),
    hash BYTEA NOT NULL UNIQUE CHECK (length(hash) = 32)
);

-- What a repeated request with the same key was answered, for a day.
CREATE TABLE kept_answer (
    actor TEXT COLLATE "C" NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    key TEXT COLLATE "C" NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_sha256 BYTEA NOT NULL CHECK (length(request_sha256) = 32),
    status SMALLINT NOT NULL CHECK (status BETWEEN 200 AND 599),
    location TEXT COLLATE "C" CHECK (length(location) BETWEEN 1 AND 500),
    body TEXT COLLATE "C" NOT NULL CHECK (length(body) <= 100000),
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (actor, key)
);

CREATE INDEX kept_answer_age ON kept_answer (created_at);

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
