ALTER TABLE profile DROP COLUMN names;
ALTER TABLE profile DROP COLUMN headings;
ALTER TABLE import DROP COLUMN reason;
