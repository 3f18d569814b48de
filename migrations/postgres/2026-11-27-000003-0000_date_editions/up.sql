-- When an edition of a list was adopted, where it stands, and which was before it. The texts are written anew at the
-- next start.
ALTER TABLE procedure_list ADD COLUMN adopted_on DATE;
ALTER TABLE procedure_list ADD COLUMN adopted_precision TEXT CHECK (adopted_precision IN ('day', 'month', 'fiscal_year'));
ALTER TABLE procedure_list ADD COLUMN page TEXT CHECK (length(page) BETWEEN 1 AND 40);
ALTER TABLE procedure_list ADD COLUMN predecessor_id TEXT CHECK (length(predecessor_id) BETWEEN 1 AND 40);
