// POST /calls on Express and pg: the key is checked, the body validated, one row inserted, 201. There is no
// idempotency and no outbox: one insert is all it does.
//
//   node express_calls.js PORT DATABASE_URL API_KEY WORKERS
//
// As Express's and pg's guides have it for production: NODE_ENV=production, a process a core, a pool of
// connections, a named (so prepared) statement, no needless headers.
import cluster from "node:cluster";
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import express from "express";
import pg from "pg";

const [port, databaseUrl, apiKey, workers] = process.argv.slice(2);

const table = `CREATE TABLE IF NOT EXISTS calls (
  id uuid PRIMARY KEY, account_id bigint NOT NULL, to_number text NOT NULL, task text NOT NULL,
  agent_name text NOT NULL, caller_name text NOT NULL, metadata jsonb NOT NULL, status text NOT NULL,
  created_at timestamptz NOT NULL)`;

const insert = `INSERT INTO calls
    (id, account_id, to_number, task, agent_name, caller_name, metadata, status, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', $8)`;

const digest = (key) => createHash("sha256").update(key).digest();

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
      return response.status(401).json({ error: "unauthenticated" });
    }
    request.account = account;
    next();
  };

  app.post("/calls", authenticate, express.json({ limit: "1mb" }), async (request, response) => {
    const { to, task, agent_name, caller_name, metadata } = request.body ?? {};
    const texts = [to, task, agent_name, caller_name];
    if (
      !texts.every((text) => typeof text === "string" && text.length > 0) ||
      !/^\+[1-9]\d{6,14}$/.test(to)
    ) {
      return response.status(400).json({ error: "invalid request" });
    }
    const id = randomUUID();
    const createdAt = new Date();
    await pool.query({
      name: "insert_call",
      text: insert,
      values: [id, request.account.id, to, task, agent_name, caller_name, metadata ?? {}, createdAt],
    });
    response.status(201).json({ call_id: id, status: "queued", created_at: createdAt.toISOString() });
  });

  app.listen(Number(port), "127.0.0.1");
}

if (cluster.isPrimary) {
  const setup = new pg.Client({ connectionString: databaseUrl });
  await setup.connect();
  await setup.query(table);
  await setup.end();
  for (let i = 0; i < Number(workers); i++) cluster.fork();
} else {
  serve();
}
