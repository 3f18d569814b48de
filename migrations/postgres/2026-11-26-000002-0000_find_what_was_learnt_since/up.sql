-- What was learnt since a moment: clients that keep a copy ask for it again and again.
CREATE INDEX assertion_recorded ON assertion (recorded_at);
