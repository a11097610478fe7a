-- The people at the other end: who they are, what they did.
CREATE TABLE contacts (
  account_id uuid NOT NULL,
  id uuid NOT NULL,
  customer_id text NOT NULL,           -- the account's own name for the person
  name text NOT NULL,                  -- "" for none, like the next four
  email text NOT NULL,
  email_key text NOT NULL,             -- lower case, for searching
  phone text NOT NULL,                 -- as it was given
  phone_e164 text NOT NULL,            -- "" too when it could not be read as a number
  properties text NOT NULL,            -- JSON object
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  creation_hash bytea NOT NULL,        -- of the request that made it: tells a repeated request from a second one
  merged_into uuid,                    -- the contact that it is part of
  PRIMARY KEY (account_id, id)
);
CREATE UNIQUE INDEX contacts_by_customer_id ON contacts (account_id, customer_id);
CREATE INDEX contacts_by_email ON contacts (account_id, email_key, id) WHERE email_key <> '';
CREATE INDEX contacts_by_merge ON contacts (account_id, merged_into) WHERE merged_into IS NOT NULL;

-- Which numbers are, or were, a person's. Calls with a number belong to the person for as long as the number did.
CREATE TABLE contact_phones (
  account_id uuid NOT NULL,
  phone text NOT NULL,                 -- E.164
  contact_id uuid NOT NULL,
  until bigint,                        -- when the person gave it up; NULL: still theirs
  PRIMARY KEY (account_id, phone, contact_id)
);
CREATE INDEX contact_phones_by_contact ON contact_phones (account_id, contact_id);

-- Properties that are texts, numbers or truths, for searching. The value is hashed, so that all rows are small.
CREATE TABLE contact_properties (
  account_id uuid NOT NULL,
  name text NOT NULL,
  value_hash bytea NOT NULL,
  contact_id uuid NOT NULL,
  PRIMARY KEY (account_id, name, value_hash, contact_id)
);

-- What people did, in the order in which a timeline is read.
CREATE TABLE actions (
  account_id uuid NOT NULL,
  contact_id uuid NOT NULL,
  occurred_at bigint NOT NULL,         -- the time given, else recorded_at
  id uuid NOT NULL,
  recorded_at bigint NOT NULL,
  name text NOT NULL,
  value text,                          -- JSON; NULL when there was none
  properties text NOT NULL,            -- JSON object, "" for none
  recorded_by uuid NOT NULL,           -- the API key; all zero: the command line
  PRIMARY KEY (account_id, contact_id, occurred_at, id)
);

-- How many actions of a name an account has on a UTC day. Spread over shards, so that concurrent actions do not queue
-- up for one row; the shard follows from the contact.
CREATE TABLE action_counts (
  account_id uuid NOT NULL,
  day bigint NOT NULL,                 -- days since 1970-01-01
  name text NOT NULL,
  shard bigint NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (account_id, day, name, shard)
);

-- Actions whose reply is not known to have reached the client. Deleted soon after the reply is written.
CREATE TABLE owed_replies (
  account_id uuid NOT NULL,
  contact_id uuid NOT NULL,
  fingerprint bytea NOT NULL,          -- of key, customer, name, value and properties
  action_id uuid NOT NULL,
  recorded_at bigint NOT NULL,
  PRIMARY KEY (account_id, contact_id, fingerprint, action_id)
);

-- Idempotency-Keys, hashed: what they were used for, without anything about a person.
CREATE TABLE engagement_keys (
  account_id uuid NOT NULL,
  key_hash bytea NOT NULL,
  request_hash bytea NOT NULL,
  contact_id uuid NOT NULL,            -- all zero for a batch
  subject_id uuid NOT NULL,            -- the action, or the batch
  outcomes text NOT NULL,              -- of a batch: a letter for each item
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, key_hash)
);
CREATE INDEX engagement_keys_by_contact ON engagement_keys (account_id, contact_id);

-- Who was erased, as keyed hashes of what names them: imports do not bring them back.
CREATE TABLE contact_tombstones (
  account_id uuid NOT NULL,
  subject bytea NOT NULL,
  erased_at bigint NOT NULL,
  receipt_id uuid NOT NULL,
  PRIMARY KEY (account_id, subject)
);

-- What an erasure removed.
CREATE TABLE erasure_receipts (
  account_id uuid NOT NULL,
  id uuid NOT NULL,
  subject bytea NOT NULL,
  requested_at bigint NOT NULL,
  requested_by uuid NOT NULL,          -- the API key; all zero: the command line
  completed_at bigint,                 -- NULL while calls are still being erased
  contacts bigint NOT NULL,
  actions bigint NOT NULL,
  calls bigint NOT NULL,
  transcript_entries bigint NOT NULL,
  webhooks bigint NOT NULL,
  calls_pending bigint NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX erasure_receipts_by_subject ON erasure_receipts (account_id, subject, id);

CREATE TABLE contact_merges (
  account_id uuid NOT NULL,
  id uuid NOT NULL,
  into_id uuid NOT NULL,
  from_id uuid NOT NULL,
  moved text NOT NULL,                 -- JSON array: the contacts that were part of from_id before
  filled text NOT NULL,                -- JSON object: what into_id had not known
  merged_at bigint NOT NULL,
  undone_at bigint,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX contact_merges_by_contact ON contact_merges (account_id, into_id, id);
CREATE INDEX contact_merges_by_part ON contact_merges (account_id, from_id, id);

CREATE TABLE engagement_settings (
  account_id uuid NOT NULL,
  project_id uuid NOT NULL,            -- all zero: calls made with a key of the whole account
  create_contacts boolean NOT NULL,    -- a call with an unknown number creates a contact
  PRIMARY KEY (account_id, project_id)
);

-- How far an import has come, by what is in the file. Moves on in the transaction that takes the lines in.
CREATE TABLE contact_imports (
  account_id uuid NOT NULL,
  content bytea NOT NULL,              -- SHA-256 of the file
  lines_done bigint NOT NULL,
  accepted bigint NOT NULL,
  rejected bigint NOT NULL,
  finished_at bigint,
  PRIMARY KEY (account_id, content)
);
