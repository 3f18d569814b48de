-- The catalogue and the register: facts known beforehand, seeded from data/ at start.
-- COLLATE "C" orders text by its bytes, as SQLite does.

CREATE TABLE meta (
    name TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    value TEXT COLLATE "C" NOT NULL CHECK (length(value) <= 200)
);

CREATE TABLE procedure (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 4 AND 40),
    position INTEGER NOT NULL CHECK (position >= 0),
    category TEXT COLLATE "C" NOT NULL CHECK (category IN ('kosodate', 'kaigo', 'hisaisha', 'tenshutsu-tennyu', 'high-volume')),
    name_ja TEXT COLLATE "C" NOT NULL CHECK (length(name_ja) BETWEEN 1 AND 200),
    name_en TEXT COLLATE "C" NOT NULL CHECK (length(name_en) BETWEEN 1 AND 400),
    target TEXT COLLATE "C" NOT NULL CHECK (target IN ('municipality', 'prefecture', 'both')),
    legal_basis TEXT COLLATE "C" CHECK (length(legal_basis) BETWEEN 1 AND 400),
    ministry TEXT COLLATE "C" CHECK (length(ministry) BETWEEN 1 AND 100),
    standard_system TEXT COLLATE "C" CHECK (length(standard_system) BETWEEN 1 AND 200),
    has_counter BOOLEAN NOT NULL,
    note TEXT COLLATE "C" CHECK (length(note) BETWEEN 1 AND 1000)
);

CREATE TABLE procedure_list (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 40),
    position INTEGER NOT NULL CHECK (position >= 0),
    name_ja TEXT COLLATE "C" NOT NULL CHECK (length(name_ja) BETWEEN 1 AND 200),
    name_en TEXT COLLATE "C" NOT NULL CHECK (length(name_en) BETWEEN 1 AND 200),
    edition TEXT COLLATE "C" CHECK (length(edition) BETWEEN 1 AND 40),
    size INTEGER NOT NULL CHECK (size > 0),
    source TEXT COLLATE "C" NOT NULL CHECK (length(source) BETWEEN 1 AND 400),
    note TEXT COLLATE "C" CHECK (length(note) BETWEEN 1 AND 1000)
);

CREATE TABLE procedure_list_item (
    list_id TEXT COLLATE "C" NOT NULL REFERENCES procedure_list (id),
    position INTEGER NOT NULL CHECK (position > 0),
    group_label TEXT COLLATE "C" CHECK (length(group_label) BETWEEN 1 AND 200),
    number TEXT COLLATE "C" CHECK (length(number) BETWEEN 1 AND 20),
    procedure_id TEXT COLLATE "C" NOT NULL REFERENCES procedure (id),
    PRIMARY KEY (list_id, position)
);

CREATE TABLE procedure_alias (
    source TEXT COLLATE "C" NOT NULL CHECK (length(source) BETWEEN 1 AND 80),
    heading TEXT COLLATE "C" NOT NULL CHECK (length(heading) BETWEEN 1 AND 200),
    procedure_id TEXT COLLATE "C" NOT NULL REFERENCES procedure (id),
    position TEXT COLLATE "C" NOT NULL CHECK (length(position) <= 40),
    PRIMARY KEY (source, heading, procedure_id)
);

CREATE TABLE municipality (
    code TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(code) = 6),
    prefecture_name TEXT COLLATE "C" NOT NULL CHECK (length(prefecture_name) BETWEEN 1 AND 10),
    name TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    name_kana TEXT COLLATE "C" NOT NULL CHECK (length(name_kana) BETWEEN 1 AND 80),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('prefecture', 'designated_city', 'core_city', 'city', 'special_ward', 'town', 'village')),
    population INTEGER CHECK (population >= 0),
    households INTEGER CHECK (households >= 0),
    ended_on DATE,
    -- No reference: a successor may be entered in the same batch, in any order.
    successor_code TEXT COLLATE "C" CHECK (length(successor_code) = 6)
);

CREATE TABLE channel (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL CHECK (length(id) BETWEEN 1 AND 40),
    position INTEGER NOT NULL CHECK (position > 0),
    label_ja TEXT COLLATE "C" NOT NULL CHECK (length(label_ja) BETWEEN 1 AND 100),
    label_en TEXT COLLATE "C" NOT NULL CHECK (length(label_en) BETWEEN 1 AND 100),
    scale TEXT COLLATE "C" NOT NULL CHECK (scale IN ('online', 'counter')),
    place TEXT COLLATE "C" NOT NULL CHECK (place IN ('home', 'nearby', 'counter')),
    named BOOLEAN NOT NULL
);
