-- Counts that the narrower table has no name for are lost.
ALTER TABLE usage DISABLE TRIGGER usage_is_never_changed;
DELETE FROM usage WHERE channel_group NOT IN ('all', 'online');
ALTER TABLE usage ENABLE TRIGGER usage_is_never_changed;
ALTER TABLE usage DROP CONSTRAINT usage_channel_group_check;
ALTER TABLE usage ADD CONSTRAINT usage_channel_group_check CHECK (channel_group IN ('all', 'online'));
