-- An index by procedure is written to all over by every file of the country. Rows of one procedure are found
-- by their numbers, which are held in memory; by body they are found for whoever reads a part of the log only.
DROP INDEX assertion_key;
CREATE INDEX assertion_body ON assertion (municipality_code);
