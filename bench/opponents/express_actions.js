// Recording actions on Express and pg: the key is checked, the body validated, and in one statement the customer
// found, the action inserted once (by its key) and counted by name and day. POST /actions takes one, POST /batch up
// to 1000 in one multi-row statement.
//
//   node express_actions.js PORT DATABASE_URL API_KEY WORKERS
//
// As Express's and pg's guides have it for production: NODE_ENV=production, a process a core, a pool of
// connections, named (so prepared) statements, no needless headers.
import cluster from "node:cluster";
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import express from "express";
import pg from "pg";

const [port, databaseUrl, apiKey, workers] = process.argv.slice(2);

const tables = `
  CREATE TABLE IF NOT EXISTS customers (account_id bigint, customer_id text, id uuid NOT NULL,
    PRIMARY KEY (account_id, customer_id));
  CREATE TABLE IF NOT EXISTS actions (account_id bigint, contact_id uuid, occurred_at timestamptz, id uuid,
    recorded_at timestamptz NOT NULL, name text NOT NULL, value jsonb, properties jsonb,
    PRIMARY KEY (account_id, contact_id, occurred_at, id));
  CREATE TABLE IF NOT EXISTS action_counts (account_id bigint, day date, name text, shard int, count bigint NOT NULL,
    PRIMARY KEY (account_id, day, name, shard));
  INSERT INTO customers SELECT 1, 'c-' || n, gen_random_uuid() FROM generate_series(0, 9999) n ON CONFLICT DO NOTHING`;

// Equal actions at one moment are one (the contract's rule for actions with a time).
const record = `
  WITH person AS (SELECT id FROM customers WHERE account_id = $1 AND customer_id = $2 FOR UPDATE),
  known AS (SELECT a.id FROM actions a JOIN person p ON a.contact_id = p.id
    WHERE a.account_id = $1 AND a.occurred_at = $4 AND a.name = $5 AND a.value IS NOT DISTINCT FROM $6
      AND a.properties IS NOT DISTINCT FROM $8
      AND a.recorded_at > $7::timestamptz - interval '10 minutes'),
  made AS (INSERT INTO actions SELECT $1, p.id, $4, $3, $7, $5, $6, $8 FROM person p
    WHERE NOT EXISTS (SELECT 1 FROM known) RETURNING id),
  counted AS (INSERT INTO action_counts SELECT $1, ($4::timestamptz AT TIME ZONE 'UTC')::date, $5, $9, 1 FROM made
    ON CONFLICT (account_id, day, name, shard) DO UPDATE SET count = action_counts.count + 1)
  SELECT id FROM made UNION ALL SELECT id FROM known`;

const recordMany = `
  WITH given AS (SELECT * FROM unnest($2::text[], $3::uuid[], $4::timestamptz[], $5::text[], $6::jsonb[])
    AS g (customer_id, id, occurred_at, name, value)),
  made AS (INSERT INTO actions SELECT $1, c.id, g.occurred_at, g.id, $7, g.name, g.value, NULL
    FROM given g JOIN customers c ON c.account_id = $1 AND c.customer_id = g.customer_id RETURNING name, occurred_at),
  counted AS (INSERT INTO action_counts
    SELECT $1, (occurred_at AT TIME ZONE 'UTC')::date AS day, name, 0, count(*) FROM made GROUP BY 2, 3
    ON CONFLICT (account_id, day, name, shard) DO UPDATE SET count = action_counts.count + excluded.count)
  SELECT count(*) FROM made`;

const digest = (key) => createHash("sha256").update(key).digest();
const isText = (text, most) => typeof text === "string" && text.length > 0 && text.length <= most;

function valid(body) {
  const { customer_id, action_name, timestamp } = body ?? {};
  return isText(customer_id, 255) && isText(action_name, 255) && !Number.isNaN(Date.parse(timestamp));
}

function serve() {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
  const accounts = new Map([[digest(apiKey).toString("hex"), { id: 1, digest: digest(apiKey) }]]);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");

  const authenticate = (request, response, next) => {
    const given = digest((request.get("authorization") ?? "").replace(/^Bearer /, ""));
    const account = accounts.get(given.toString("hex"));
    if (!account || !timingSafeEqual(account.digest, given)) {
      return response.status(401).json({ message: "unauthenticated" });
    }
    request.account = account;
    next();
  };

  app.post("/actions", authenticate, express.json({ limit: "1mb" }), async (request, response) => {
    if (!valid(request.body)) return response.status(400).json({ message: "invalid request" });
    const { customer_id, action_name, action_value, action_properties, timestamp } = request.body;
    const now = new Date();
    const value = action_value === undefined ? null : JSON.stringify(action_value);
    const { rows } = await pool.query({
      name: "record",
      text: record,
      values: [request.account.id, customer_id, randomUUID(), new Date(timestamp), action_name, value, now,
        action_properties ?? null, Math.floor(Math.random() * 16)],
    });
    if (rows.length === 0) return response.status(404).json({ message: "no such customer" });
    response.status(201).json({ action_id: rows[0].id, customer_id, action_name, recorded_at: now.toISOString() });
  });

  app.post("/batch", authenticate, express.json({ limit: "8mb" }), async (request, response) => {
    const items = request.body?.items;
    if (!Array.isArray(items) || items.length > 1000 || !items.every(valid)) {
      return response.status(400).json({ message: "invalid request" });
    }
    const { rows } = await pool.query({
      name: "recordMany",
      text: recordMany,
      values: [request.account.id, items.map((i) => i.customer_id), items.map(() => randomUUID()),
        items.map((i) => new Date(i.timestamp)), items.map((i) => i.action_name),
        items.map((i) => (i.action_value === undefined ? null : JSON.stringify(i.action_value))), new Date()],
    });
    response.json({ accepted: Number(rows[0].count) });
  });

  app.listen(Number(port), "127.0.0.1");
}

if (cluster.isPrimary) {
  const setup = new pg.Client({ connectionString: databaseUrl });
  await setup.connect();
  await setup.query(tables);
  await setup.end();
  for (let i = 0; i < Number(workers); i++) cluster.fork();
} else {
  serve();
}
