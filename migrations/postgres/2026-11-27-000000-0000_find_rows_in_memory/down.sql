DROP INDEX assertion_body;
CREATE INDEX assertion_key ON assertion (municipality_code, procedure_id);
