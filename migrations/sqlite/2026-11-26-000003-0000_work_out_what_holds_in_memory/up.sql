-- What holds today is no table any more: it follows from the log and the day, and is worked out in memory.
DROP TABLE readiness;
DROP TABLE applicability;
DELETE FROM meta WHERE name = 'projected_on';

-- They served only to keep these tables up to the day, and to find what was learnt since a moment.
DROP INDEX assertion_ahead;
DROP INDEX assertion_recorded;
