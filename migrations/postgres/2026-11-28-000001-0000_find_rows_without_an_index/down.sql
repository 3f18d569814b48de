CREATE INDEX assertion_body ON assertion (municipality_code);
