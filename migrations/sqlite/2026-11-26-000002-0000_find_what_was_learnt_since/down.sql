DROP INDEX assertion_recorded;
