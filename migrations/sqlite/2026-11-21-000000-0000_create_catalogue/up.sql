-- The catalogue and the register: facts known beforehand, seeded from data/ at start.
-- No STRICT tables: Diesel's BOOLEAN, DATE and TIMESTAMP are unknown there.

CREATE TABLE meta (
    name TEXT PRIMARY KEY NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    value TEXT NOT NULL CHECK (length(value) <= 200)
);

CREATE TABLE procedure (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 4 AND 40),
    position INTEGER NOT NULL CHECK (position >= 0),
    category TEXT NOT NULL CHECK (category IN ('kosodate', 'kaigo', 'hisaisha', 'tenshutsu-tennyu', 'high-volume')),
    name_ja TEXT NOT NULL CHECK (length(name_ja) BETWEEN 1 AND 200),
    name_en TEXT NOT NULL CHECK (length(name_en) BETWEEN 1 AND 400),
    target TEXT NOT NULL CHECK (target IN ('municipality', 'prefecture', 'both')),
    legal_basis TEXT CHECK (length(legal_basis) BETWEEN 1 AND 400),
    ministry TEXT CHECK (length(ministry) BETWEEN 1 AND 100),
    standard_system TEXT CHECK (length(standard_system) BETWEEN 1 AND 200),
    has_counter BOOLEAN NOT NULL,
    note TEXT CHECK (length(note) BETWEEN 1 AND 1000)
);

CREATE TABLE procedure_list (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 40),
    position INTEGER NOT NULL CHECK (position >= 0),
    name_ja TEXT NOT NULL CHECK (length(name_ja) BETWEEN 1 AND 200),
    name_en TEXT NOT NULL CHECK (length(name_en) BETWEEN 1 AND 200),
    edition TEXT CHECK (length(edition) BETWEEN 1 AND 40),
    size INTEGER NOT NULL CHECK (size > 0),
    source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 400),
    note TEXT CHECK (length(note) BETWEEN 1 AND 1000)
);

CREATE TABLE procedure_list_item (
    list_id TEXT NOT NULL REFERENCES procedure_list (id),
    position INTEGER NOT NULL CHECK (position > 0),
    group_label TEXT CHECK (length(group_label) BETWEEN 1 AND 200),
    number TEXT CHECK (length(number) BETWEEN 1 AND 20),
    procedure_id TEXT NOT NULL REFERENCES procedure (id),
    PRIMARY KEY (list_id, position)
);

CREATE TABLE procedure_alias (
    source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 80),
    heading TEXT NOT NULL CHECK (length(heading) BETWEEN 1 AND 200),
    procedure_id TEXT NOT NULL REFERENCES procedure (id),
    position TEXT NOT NULL CHECK (length(position) <= 40),
    PRIMARY KEY (source, heading, procedure_id)
);

CREATE TABLE municipality (
    code TEXT PRIMARY KEY NOT NULL CHECK (length(code) = 6),
    prefecture_name TEXT NOT NULL CHECK (length(prefecture_name) BETWEEN 1 AND 10),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    name_kana TEXT NOT NULL CHECK (length(name_kana) BETWEEN 1 AND 80),
    kind TEXT NOT NULL CHECK (kind IN ('prefecture', 'designated_city', 'core_city', 'city', 'special_ward', 'town', 'village')),
    population INTEGER CHECK (population >= 0),
    households INTEGER CHECK (households >= 0),
    ended_on DATE,
    -- No reference: a successor may be entered in the same batch, in any order.
    successor_code TEXT CHECK (length(successor_code) = 6)
);

CREATE TABLE channel (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 40),
    position INTEGER NOT NULL CHECK (position > 0),
    label_ja TEXT NOT NULL CHECK (length(label_ja) BETWEEN 1 AND 100),
    label_en TEXT NOT NULL CHECK (length(label_en) BETWEEN 1 AND 100),
    scale TEXT NOT NULL CHECK (scale IN ('online', 'counter')),
    place TEXT NOT NULL CHECK (place IN ('home', 'nearby', 'counter')),
    named BOOLEAN NOT NULL
);
