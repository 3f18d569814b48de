-- What a procedure is called in little room, whom it is for, through which common system it goes, from when to
-- when there is one, and how far it can come by law. The texts are written anew at the next start.
ALTER TABLE procedure ADD COLUMN short_ja TEXT NOT NULL DEFAULT '' CHECK (length(short_ja) <= 10);
ALTER TABLE procedure ADD COLUMN audience TEXT NOT NULL DEFAULT 'both' CHECK (audience IN ('person', 'business', 'both'));
ALTER TABLE procedure ADD COLUMN common_system TEXT CHECK (length(common_system) BETWEEN 1 AND 100);
ALTER TABLE procedure ADD COLUMN introduced_on DATE;
ALTER TABLE procedure ADD COLUMN ended_on DATE;
ALTER TABLE procedure ADD COLUMN successor_id TEXT CHECK (length(successor_id) BETWEEN 4 AND 40);
ALTER TABLE procedure ADD COLUMN ceiling SMALLINT CHECK (ceiling BETWEEN 0 AND 5);
ALTER TABLE procedure ADD COLUMN ceiling_source TEXT CHECK (length(ceiling_source) BETWEEN 1 AND 400);
ALTER TABLE procedure_list_item ADD COLUMN letter TEXT CHECK (length(letter) BETWEEN 1 AND 20);
