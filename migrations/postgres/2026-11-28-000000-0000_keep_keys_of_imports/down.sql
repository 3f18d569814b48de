DROP TABLE kept_keys;
