-- What connected calls cost. The id is the call's, so a call can be billed once only. Everything that a meter will be told
-- later (identifier, time) is fixed when the entry is written.
CREATE TABLE usage_entries (
  account_id uuid NOT NULL,
  id uuid NOT NULL,                    -- the call's id
  project_id uuid NOT NULL,
  type text NOT NULL,                  -- api_usage
  month text NOT NULL,                 -- YYYY-MM in UTC, of started_at
  started_at bigint NOT NULL,
  duration_seconds bigint NOT NULL,
  billed_minutes bigint NOT NULL,
  unit_price bigint NOT NULL,          -- a minute, in 1e-9 of the currency
  amount bigint NOT NULL,              -- in 1e-9 of the currency, rounded to its minor unit
  currency text NOT NULL,
  meter_identifier text NOT NULL,      -- sent with every attempt to sync, never another
  metered_at bigint NOT NULL,
  sync_state text NOT NULL,            -- pending, synced, failed
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX usage_entries_by_month ON usage_entries (account_id, month, project_id, billed_minutes, amount);
