-- Applications are also counted by the other ways in which they come.
ALTER TABLE usage DROP CONSTRAINT usage_channel_group_check;
ALTER TABLE usage ADD CONSTRAINT usage_channel_group_check
CHECK (channel_group IN ('all', 'online', 'counter', 'mail', 'convenience', 'assisted'));
