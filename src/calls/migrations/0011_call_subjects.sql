-- Calls by the person at the other end, and calls whose person was erased.
ALTER TABLE calls ADD COLUMN erased_at bigint;
CREATE INDEX calls_by_number ON calls (account_id, to_number, id);
CREATE INDEX call_idempotency_by_call ON call_idempotency (account_id, call_id);
