-- The telecom warehouse (contracts/warehouse.md, sections 1, 2 and 7): the seed's tables under the seed's
-- names, widened, and what keeps them complete. On PostgreSQL in the schema telco; on SQLite with the prefix
-- telco_, where times are texts in UTC and amounts decimal texts.

-- @postgresql
CREATE SCHEMA IF NOT EXISTS telco;

-- Units of 10^-8 as an amount.
-- @postgresql
CREATE OR REPLACE FUNCTION telco.money(units numeric) RETURNS numeric LANGUAGE sql IMMUTABLE
  AS 'SELECT (units * 0.00000001)::numeric(38, 8)';

CREATE TABLE IF NOT EXISTS telco.providers (
  provider_id bigint PRIMARY KEY,
  name text NOT NULL UNIQUE,
  api_type text,
  created_at timestamptz
);

INSERT INTO telco.providers (provider_id, name, api_type, created_at) VALUES
  (1, 'zadarma', 'rest', '2026-01-01T00:00:00.000000Z'),
  (2, 'telnyx', 'rest', '2026-01-01T00:00:00.000000Z'),
  (3, 'retell', 'sdk', '2026-01-01T00:00:00.000000Z'),
  (4, 'trunkline', 'own', '2026-01-01T00:00:00.000000Z')
ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS telco.phone_numbers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  phone_number text NOT NULL,
  phone_number_e164 text,
  nickname text,
  status text,
  city text,
  monthly_cost numeric(18, 8),
  currency text,
  retell_agent_id text,
  retell_agent_name text,
  metadata jsonb,
  held_since timestamptz,
  released_at timestamptz,
  content_hash text,
  last_synced timestamptz,
  created_at timestamptz,
  UNIQUE (phone_number, account, provider_id)
);

-- What a number cost in each month in which it was held, as it was priced then: a later price does not change
-- it. For months without a billing item.
CREATE TABLE IF NOT EXISTS telco.number_months (
  provider_id bigint NOT NULL,
  account text NOT NULL,
  phone_number text NOT NULL,
  month text NOT NULL,
  currency text,
  price_units bigint NOT NULL,
  PRIMARY KEY (provider_id, account, phone_number, month)
);

-- The external id leads each unique key: a planner without statistics otherwise reads all rows of a provider to
-- find one.
--
-- cost_units is cost in 10^-8 of the currency, so that sums are exact on every engine. call_date is the local
-- day of the start in the reporting time zone. as_sent keeps what the provider said of a row whose cost or
-- numbers a correlation changed (section 6.4).
CREATE TABLE IF NOT EXISTS telco.calls (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  external_call_id text NOT NULL,
  session_id text,
  is_primary boolean NOT NULL,
  from_number text,
  to_number text,
  direction text,
  started_at timestamptz,
  answered_at timestamptz,
  ended_at timestamptz,
  duration_seconds bigint,
  billable_seconds bigint,
  status text NOT NULL,
  disposition text,
  hangup_cause text,
  cost numeric(18, 8),
  cost_units bigint,
  currency text,
  retell_agent_id text,
  retell_agent_name text,
  transcript text,
  sentiment text,
  answered_by text,
  has_recording boolean NOT NULL,
  recording_url text,
  recording_url_expires_at timestamptz,
  recording_duration_seconds bigint,
  call_date date,
  feed text,
  leg_direction text,
  shadow_of text,
  as_sent text,
  standing bigint NOT NULL,
  revision_at timestamptz,
  is_settled boolean NOT NULL,
  looked_for_at timestamptz,
  content_hash text,
  event_hash text,
  raw_data jsonb,
  synced_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (external_call_id, account, provider_id)
);
CREATE INDEX IF NOT EXISTS calls_started ON telco.calls (started_at);
CREATE INDEX IF NOT EXISTS calls_from ON telco.calls (from_number);
CREATE INDEX IF NOT EXISTS calls_to ON telco.calls (to_number);
CREATE INDEX IF NOT EXISTS calls_provider_started ON telco.calls (provider_id, started_at);
CREATE INDEX IF NOT EXISTS calls_session ON telco.calls (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS calls_agent ON telco.calls (retell_agent_id) WHERE retell_agent_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS calls_open ON telco.calls (provider_id, account, started_at) WHERE is_settled = false;

CREATE TABLE IF NOT EXISTS telco.call_charges (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  external_charge_id text NOT NULL,
  external_call_id text,
  session_id text,
  call_id bigint REFERENCES telco.calls (id),
  component text NOT NULL,
  amount numeric(18, 8),
  amount_units bigint,
  currency text,
  quantity numeric(18, 8),
  charged_at timestamptz,
  charge_date date,
  is_in_call_cost boolean NOT NULL,
  content_hash text,
  raw_data jsonb,
  synced_at timestamptz NOT NULL,
  UNIQUE (external_charge_id, account, provider_id)
);
CREATE INDEX IF NOT EXISTS call_charges_call ON telco.call_charges (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS call_charges_session ON telco.call_charges (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS call_charges_time ON telco.call_charges (provider_id, account, charged_at);
CREATE INDEX IF NOT EXISTS call_charges_loose ON telco.call_charges (provider_id, account) WHERE call_id IS NULL;

CREATE TABLE IF NOT EXISTS telco.recordings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  call_id bigint REFERENCES telco.calls (id),
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  external_recording_id text NOT NULL,
  external_call_id text,
  session_id text,
  recording_url text,
  recording_url_expires_at timestamptz,
  duration_seconds bigint,
  file_size_bytes bigint,
  format text,
  s3_bucket text,
  s3_key text,
  local_path text,
  metadata jsonb,
  transcription text,
  transcription_confidence numeric(18, 8),
  status text,
  attempts bigint NOT NULL,
  tried_at timestamptz,
  standing bigint NOT NULL,
  revision_at timestamptz,
  content_hash text,
  event_hash text,
  raw_data jsonb,
  created_at timestamptz,
  synced_at timestamptz NOT NULL,
  UNIQUE (external_recording_id, account, provider_id)
);
CREATE INDEX IF NOT EXISTS recordings_call ON telco.recordings (call_id);
CREATE INDEX IF NOT EXISTS recordings_loose ON telco.recordings (provider_id, account) WHERE call_id IS NULL;

CREATE TABLE IF NOT EXISTS telco.messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  external_message_id text NOT NULL,
  from_number text,
  to_number text,
  direction text,
  message_type text,
  body text,
  media_urls jsonb,
  status text,
  segments bigint,
  cost numeric(18, 8),
  cost_units bigint,
  currency text,
  sent_at timestamptz,
  delivered_at timestamptz,
  standing bigint NOT NULL,
  revision_at timestamptz,
  is_settled boolean NOT NULL,
  looked_for_at timestamptz,
  content_hash text,
  event_hash text,
  raw_data jsonb,
  synced_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (external_message_id, account, provider_id)
);
CREATE INDEX IF NOT EXISTS messages_sent ON telco.messages (sent_at);
CREATE INDEX IF NOT EXISTS messages_from ON telco.messages (from_number);
CREATE INDEX IF NOT EXISTS messages_to ON telco.messages (to_number);

-- One a value or an hour (section 2, no. 6): slot is the start of the run's hour, or of the moment in which
-- the value changed.
CREATE TABLE IF NOT EXISTS telco.balance_snapshots (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  balance numeric(24, 8) NOT NULL,
  currency text,
  credit_limit numeric(24, 8),
  snapshot_at timestamptz NOT NULL,
  slot timestamptz NOT NULL,
  raw_data jsonb,
  UNIQUE (provider_id, account, slot)
);

CREATE TABLE IF NOT EXISTS telco.billing_items (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  item_key text NOT NULL,
  invoice_id text,
  invoice_date date,
  item_type text NOT NULL,
  description text,
  quantity numeric(24, 8),
  unit_price numeric(18, 8),
  total numeric(24, 8),
  total_units bigint,
  currency text,
  period_start date,
  period_end date,
  phone_number text,
  content_hash text,
  raw_data jsonb,
  synced_at timestamptz NOT NULL,
  UNIQUE (item_key, account, provider_id)
);
CREATE INDEX IF NOT EXISTS billing_items_period ON telco.billing_items (item_type, period_start);

CREATE TABLE IF NOT EXISTS telco.retell_agents (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  agent_id text NOT NULL,
  agent_name text,
  voice_id text,
  language text,
  total_calls bigint,
  total_minutes numeric(18, 2),
  avg_duration_seconds bigint,
  released_at timestamptz,
  content_hash text,
  raw_data jsonb,
  last_synced timestamptz,
  created_at timestamptz,
  UNIQUE (agent_id, account, provider_id)
);

-- resource_key is the kind, a slash and the external id.
CREATE TABLE IF NOT EXISTS telco.provider_resources (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  resource_key text NOT NULL,
  kind text NOT NULL,
  external_id text NOT NULL,
  name text,
  status text,
  data jsonb,
  content_hash text,
  first_seen timestamptz NOT NULL,
  last_seen timestamptz NOT NULL,
  released_at timestamptz,
  UNIQUE (resource_key, account, provider_id)
);

-- The same call in two provider's books: a carrier's record of one of our own calls, or of an agent's.
CREATE TABLE IF NOT EXISTS telco.call_links (
  call_id bigint NOT NULL REFERENCES telco.calls (id),
  carrier_call_id bigint NOT NULL REFERENCES telco.calls (id),
  matched_by text NOT NULL,
  PRIMARY KEY (call_id, carrier_call_id)
);
CREATE INDEX IF NOT EXISTS call_links_carrier ON telco.call_links (carrier_call_id);

CREATE TABLE IF NOT EXISTS telco.sync_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  sync_type text NOT NULL,
  trigger text NOT NULL,
  started_at timestamptz NOT NULL,
  completed_at timestamptz,
  records_fetched bigint NOT NULL,
  records_inserted bigint NOT NULL,
  records_updated bigint NOT NULL,
  records_unchanged bigint NOT NULL,
  pages bigint NOT NULL,
  requests bigint NOT NULL,
  retries bigint NOT NULL,
  date_range_start timestamptz,
  date_range_end timestamptz,
  status text NOT NULL,
  error_message text,
  created_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS sync_log_type ON telco.sync_log (provider_id, sync_type, started_at);

-- Where each feed stands. Everything before the watermark is durably stored. A run that was cut off goes on
-- at its cursor.
CREATE TABLE IF NOT EXISTS telco.sync_state (
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  feed text NOT NULL,
  watermark timestamptz,
  window_begin timestamptz,
  window_end timestamptz,
  cursor text,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (provider_id, account, feed)
);

-- Which windows were asked for and what the provider said about each: the proof that nothing is missing.
CREATE TABLE IF NOT EXISTS telco.sync_windows (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  feed text NOT NULL,
  window_begin timestamptz NOT NULL,
  window_end timestamptz NOT NULL,
  asked_at timestamptz NOT NULL,
  completed_at timestamptz,
  pages bigint NOT NULL,
  rows_received bigint NOT NULL,
  rows_distinct bigint NOT NULL,
  total_said bigint,
  end_said text,
  status text NOT NULL,
  problem text
);
CREATE INDEX IF NOT EXISTS sync_windows_feed ON telco.sync_windows (provider_id, account, feed, window_begin);

-- One holder for each kind of run (section 3).
CREATE TABLE IF NOT EXISTS telco.sync_leases (
  provider_id bigint NOT NULL,
  account text NOT NULL,
  sync_type text NOT NULL,
  holder text NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (provider_id, account, sync_type)
);

-- What providers' webhooks sent, as it came.
CREATE TABLE IF NOT EXISTS telco.raw_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider_id bigint NOT NULL REFERENCES telco.providers (provider_id),
  account text NOT NULL,
  event_key text NOT NULL,
  event_type text,
  payload_hash text NOT NULL,
  payload text NOT NULL,
  received_at timestamptz NOT NULL,
  processed_at timestamptz,
  problem text,
  UNIQUE (event_key, account, provider_id)
);

-- The daily summary, kept in the transaction that writes the calls. currency '' means that the provider did
-- not say.
CREATE TABLE IF NOT EXISTS telco.call_totals (
  call_date date NOT NULL,
  provider_id bigint NOT NULL,
  account text NOT NULL,
  direction text NOT NULL,
  currency text NOT NULL,
  calls bigint NOT NULL,
  completed_calls bigint NOT NULL,
  duration_seconds bigint NOT NULL,
  billable_seconds bigint NOT NULL,
  costed_calls bigint NOT NULL,
  cost_units bigint NOT NULL,
  PRIMARY KEY (call_date, provider_id, account, direction, currency)
);

CREATE TABLE IF NOT EXISTS telco.settings (
  name text PRIMARY KEY,
  value text NOT NULL
);
INSERT INTO telco.settings (name, value) VALUES ('reporting_time_zone', 'UTC') ON CONFLICT DO NOTHING;
