-- A job stands in the table where it stands in its order: what comes before and after it is beside it, and no second
-- index has to follow each job that comes and goes.
CREATE TABLE ordered_jobs (
  account_id uuid NOT NULL,   -- all zero for work that belongs to no tenant
  order_key text NOT NULL,    -- jobs that share it run one after the other, by id; "": none
  id uuid NOT NULL,
  kind text NOT NULL,
  payload text NOT NULL,
  unique_key text,            -- at most one open job of a kind has it
  group_key text,             -- jobs that share it have a limit on how many run at once
  priority bigint NOT NULL,   -- 0 before 1 before 2
  run_at bigint NOT NULL,
  parked boolean NOT NULL,    -- given up; waits for an operator
  attempts bigint NOT NULL,
  lease_node uuid,            -- the process that holds it
  fence bigint NOT NULL,      -- rises with each lease; a holder whose number is old can no longer write
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, order_key, id)
);
INSERT INTO ordered_jobs (account_id, order_key, id, kind, payload, unique_key, group_key, priority, run_at, parked,
                          attempts, lease_node, fence, created_at)
SELECT account_id, coalesce(order_key, ''), id, kind, payload, unique_key, group_key, priority, run_at, parked,
       attempts, lease_node, fence, created_at
FROM jobs;
DROP TABLE jobs;
ALTER TABLE ordered_jobs RENAME TO jobs;
CREATE INDEX jobs_due ON jobs (priority, run_at) WHERE lease_node IS NULL AND NOT parked;
CREATE UNIQUE INDEX jobs_unique ON jobs (account_id, kind, unique_key) WHERE unique_key IS NOT NULL;
