-- The calls of the phone network in a box, as its own memory: it survives a restart of the server like a carrier would.
CREATE TABLE local_legs (
  account_id uuid NOT NULL,
  call_id uuid NOT NULL,
  provider_call_id text NOT NULL,
  number text NOT NULL,
  dials bigint NOT NULL,               -- how often it was asked to dial this call; more than one is a defect of the engine
  state text NOT NULL,                 -- JSON: where the conversation stands
  ended boolean NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (account_id, call_id)
);
