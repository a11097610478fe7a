CREATE TABLE calls (
  account_id uuid NOT NULL,
  id uuid NOT NULL,
  project_id uuid NOT NULL,            -- all zero: made with a key of the whole account
  status text NOT NULL,                -- queued, ringing, in_progress, completed, failed, cancelled
  created_at bigint NOT NULL,
  -- what was asked for
  to_number text NOT NULL,
  task text NOT NULL,
  instructions text NOT NULL,
  country text NOT NULL,
  locale text NOT NULL,
  voice text NOT NULL,
  agent_name text NOT NULL,
  caller_name text NOT NULL,
  metadata text NOT NULL,              -- JSON object, "" for none
  tools text NOT NULL,                 -- JSON array of the call's own tools, "" for none
  webhook_url text NOT NULL,
  tool_webhook_url text NOT NULL,
  end_user_id text NOT NULL,
  max_duration_seconds bigint NOT NULL,
  price_per_minute bigint NOT NULL,    -- pinned, in 1e-9 of the currency
  currency text NOT NULL,
  -- how it went
  carrier text NOT NULL,
  from_number text NOT NULL,
  provider_call_id text NOT NULL,
  dial_requested_at bigint,            -- the intent: set before the carrier is asked
  ringing_at bigint,
  started_at bigint,                   -- when it connected: then it is billed
  ended_at bigint,
  answered_by text NOT NULL,
  ended_reason text NOT NULL,
  summary text,
  fallbacks text NOT NULL,             -- what the responders had to fall back from, a line each
  prompt_tokens bigint NOT NULL,
  completion_tokens bigint NOT NULL,
  entries bigint NOT NULL,             -- how many call_entries there are
  -- where the carrier's story stands
  event_sequence bigint NOT NULL,      -- the last one that counted
  event_at bigint,                     -- its time on the carrier's clock
  event_received_at bigint,            -- and on ours
  deadline_at bigint,                  -- when to end it ourselves if the carrier has not
  PRIMARY KEY (account_id, id)
);
CREATE INDEX calls_by_status ON calls (account_id, status, id, project_id, created_at);
CREATE INDEX calls_by_deadline ON calls (deadline_at) WHERE deadline_at IS NOT NULL;

-- The conversation, in order. What people said is the transcript; the rest is what the agent needs to go on.
CREATE TABLE call_entries (
  account_id uuid NOT NULL,
  call_id uuid NOT NULL,
  sequence bigint NOT NULL,
  kind text NOT NULL,                  -- agent, user, keys, silence, tool
  text text NOT NULL,                  -- words; keys; for a tool its correlation id
  hangs_up boolean NOT NULL,           -- the agent's last words: it hangs up after them
  at bigint NOT NULL,                  -- on the carrier's clock
  PRIMARY KEY (account_id, call_id, sequence)
);

-- Uses of tools. The row is written before the tool is asked: an answer that never came is not asked for again.
CREATE TABLE call_tool_uses (
  account_id uuid NOT NULL,
  call_id uuid NOT NULL,
  id uuid NOT NULL,                    -- the correlation id
  name text NOT NULL,
  arguments text NOT NULL,             -- JSON
  result text,                         -- JSON; NULL until it is there or when it failed
  error text NOT NULL,
  requested_at bigint NOT NULL,
  finished_at bigint,
  PRIMARY KEY (account_id, call_id, id)
);

CREATE TABLE tools (
  account_id uuid NOT NULL,
  id uuid NOT NULL,
  project_id uuid NOT NULL,
  name text NOT NULL,
  description text NOT NULL,
  input_schema text NOT NULL,          -- JSON
  output_schema text NOT NULL,         -- JSON
  timeout_ms bigint NOT NULL,
  created_at bigint NOT NULL,
  deleted_at bigint,
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX tools_by_name ON tools (account_id, project_id, name) WHERE deleted_at IS NULL;

-- Which requests were answered with which call, for a day (contracts/voice-api.md, section 13, "Idempotency").
CREATE TABLE call_idempotency (
  account_id uuid NOT NULL,
  project_id uuid NOT NULL,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  call_id uuid NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, project_id, key)
);
