-- The try that delivered a message is written with the message, so that a delivery at the first try, as nearly all are,
-- writes one row. Failed tries, and those before a replay, are in webhook_attempts.
ALTER TABLE webhook_messages ADD COLUMN delivery_attempt bigint;
ALTER TABLE webhook_messages ADD COLUMN delivery_started_at bigint;
ALTER TABLE webhook_messages ADD COLUMN delivery_duration_us bigint;
ALTER TABLE webhook_messages ADD COLUMN delivery_status bigint;
ALTER TABLE webhook_messages ADD COLUMN delivery_response text;
