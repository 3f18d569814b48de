ALTER TABLE procedure_list DROP COLUMN predecessor_id;
ALTER TABLE procedure_list DROP COLUMN page;
ALTER TABLE procedure_list DROP COLUMN adopted_precision;
ALTER TABLE procedure_list DROP COLUMN adopted_on;
