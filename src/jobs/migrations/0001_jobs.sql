-- The durable queue. A job is written in the same transaction as the fact it follows from, and deleted in the same
-- transaction as what it has done.
CREATE TABLE jobs (
  account_id uuid NOT NULL,   -- all zero for work that belongs to no tenant
  id uuid NOT NULL,
  kind text NOT NULL,
  payload text NOT NULL,
  unique_key text,            -- at most one open job of a kind has it
  order_key text,             -- jobs that share it run one after the other, by id
  group_key text,             -- jobs that share it have a limit on how many run at once
  priority bigint NOT NULL,   -- 0 before 1 before 2
  run_at bigint NOT NULL,
  parked boolean NOT NULL,    -- given up; waits for an operator
  attempts bigint NOT NULL,
  lease_node uuid,            -- the process that holds it
  fence bigint NOT NULL,      -- rises with each lease; a holder whose number is old can no longer write
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, id)
);
CREATE INDEX jobs_due ON jobs (priority, run_at) WHERE lease_node IS NULL AND NOT parked;
CREATE INDEX jobs_in_order ON jobs (account_id, order_key, id) WHERE order_key IS NOT NULL;
CREATE UNIQUE INDEX jobs_unique ON jobs (account_id, kind, unique_key) WHERE unique_key IS NOT NULL;

-- Why attempts failed. Kept while the job is open.
CREATE TABLE job_failures (
  account_id uuid NOT NULL,
  job_id uuid NOT NULL,
  attempt bigint NOT NULL,
  failed_at bigint NOT NULL,
  error text NOT NULL,
  PRIMARY KEY (account_id, job_id, attempt)
);

-- The processes that work on this database. What a process holds is free again when its lease has run out.
CREATE TABLE nodes (
  id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  started_at bigint NOT NULL,
  lease_until bigint NOT NULL
);

-- Which periods of a schedule have fired. The key is logical time, so a clock that jumps cannot fire one twice.
CREATE TABLE schedule_firings (
  name text NOT NULL,
  period_start bigint NOT NULL,
  fired_at bigint NOT NULL,
  PRIMARY KEY (name, period_start)
);
