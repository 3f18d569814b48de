DROP TABLE applicability;
DROP TABLE readiness;
DROP TABLE retraction;
DROP TABLE assertion;
DROP TABLE import;
DROP FUNCTION refuse_change();
