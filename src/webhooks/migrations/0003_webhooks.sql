-- Where an account, or one of its projects, wants its events and tool calls.
CREATE TABLE webhook_endpoints (
  account_id uuid NOT NULL,
  project_id uuid NOT NULL,            -- all zero: the whole account
  url text NOT NULL,                   -- "": no events
  tool_url text NOT NULL,              -- "": no tool calls
  secret bytea NOT NULL,               -- sealed
  previous_secret bytea,               -- sealed; signs too until the time below
  previous_secret_until bigint,
  style text NOT NULL,                 -- compact, spaced, utf8
  failing_since bigint,                -- the first failure after the last success
  disabled_at bigint,
  updated_at bigint NOT NULL,
  PRIMARY KEY (account_id, project_id)
);

-- An event on its way to a receiver, with the bytes that are sent, and sent again, unchanged.
CREATE TABLE webhook_messages (
  account_id uuid NOT NULL,
  id uuid NOT NULL,
  project_id uuid NOT NULL,
  subject_id uuid NOT NULL,            -- the call it is about
  event text NOT NULL,
  url text NOT NULL,
  body text NOT NULL,
  status text NOT NULL,                -- pending, delivered, failed, held
  attempts bigint NOT NULL,
  created_at bigint NOT NULL,
  delivered_at bigint,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX webhook_messages_by_subject ON webhook_messages (account_id, subject_id, id);

CREATE TABLE webhook_attempts (
  account_id uuid NOT NULL,
  message_id uuid NOT NULL,
  attempt bigint NOT NULL,
  started_at bigint NOT NULL,
  duration_us bigint NOT NULL,
  status bigint NOT NULL,              -- HTTP status; 0 when there was no answer
  error text NOT NULL,                 -- why it failed, "" when it did not
  response text NOT NULL,              -- the beginning of the answer's body
  PRIMARY KEY (account_id, message_id, attempt)
);
