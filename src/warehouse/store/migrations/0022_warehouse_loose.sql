-- What waits for its call is found by the call that came, and not by reading all that waits.

CREATE INDEX IF NOT EXISTS recordings_loose_call ON telco.recordings (external_call_id) WHERE call_id IS NULL;
CREATE INDEX IF NOT EXISTS recordings_loose_session ON telco.recordings (session_id) WHERE call_id IS NULL;
CREATE INDEX IF NOT EXISTS recordings_synced ON telco.recordings (provider_id, account, synced_at);
CREATE INDEX IF NOT EXISTS call_charges_loose_call ON telco.call_charges (external_call_id) WHERE call_id IS NULL;
CREATE INDEX IF NOT EXISTS call_charges_loose_session ON telco.call_charges (session_id) WHERE call_id IS NULL;

-- The fingerprint of the text that the provider's record was made of: one that comes again in the same words is
-- not read again.
ALTER TABLE telco.calls ADD COLUMN source_hash bigint;
