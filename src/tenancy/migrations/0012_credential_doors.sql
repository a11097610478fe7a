-- Which doors an API key opens, separated by commas; "" for all.
ALTER TABLE credentials ADD COLUMN doors text NOT NULL DEFAULT '';
