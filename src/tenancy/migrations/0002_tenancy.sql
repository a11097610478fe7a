-- Facts about this installation: what makes its secrets readable, and a check that the right key is in use.
CREATE TABLE installation (
  name text NOT NULL PRIMARY KEY,
  value text NOT NULL
);

CREATE TABLE accounts (
  account_id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  subscription_status text NOT NULL,   -- none, active, past_due, canceled
  past_due_since bigint,               -- when payment first failed
  current_period_end bigint,
  created_at bigint NOT NULL
);

CREATE TABLE projects (
  account_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, id)
);

CREATE TABLE users (
  account_id uuid NOT NULL,
  id uuid NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  password_hash text NOT NULL,         -- Argon2id, PHC form
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, id)
);

-- API keys and users' tokens: only a keyed hash of the secret half is kept.
CREATE TABLE credentials (
  account_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,                  -- api_key, user_token
  public_id text NOT NULL,
  secret_hash bytea NOT NULL,
  project_id uuid NOT NULL,            -- all zero: the whole account
  user_id uuid,                        -- whose token it is
  name text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint,
  revoked_at bigint,
  last_used_at bigint,
  PRIMARY KEY (account_id, id)
);

-- Directories: from what comes from outside to the account, which every other look-up begins with.
CREATE TABLE credential_directory (
  public_id text NOT NULL PRIMARY KEY,
  account uuid NOT NULL,
  credential uuid NOT NULL
);
CREATE TABLE user_directory (
  email text NOT NULL PRIMARY KEY,     -- lower case
  account uuid NOT NULL,
  user_id uuid NOT NULL
);
