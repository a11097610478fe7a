// Webhook deliveries on graphile-worker with its settings for throughput: jobs added in bulk, fetched ahead
// by a local queue, completed in batches. Nothing keeps the events of a call in order (a queue a call would, at
// a fraction of the rate).
import { makeWorkerUtils, run } from "graphile-worker";
import { deliver, eventAt, hold, options } from "./webhook_common.js";

const { messages, calls, tenants, url, secret, store } = options();
const batch = 100;
const aheadMax = 2000;

const quiet = () => {};
const { Logger } = await import("graphile-worker");
const logger = new Logger(() => quiet);
const utils = await makeWorkerUtils({ connectionString: store, logger });
await utils.migrate();

let done = 0;
let finished;
const allDone = new Promise((resolve) => (finished = resolve));
const runner = await run({
  connectionString: store,
  logger,
  noHandleSignals: true,
  taskList: {
    deliver: async (message) => {
      await deliver(message, url, secret);
      done++;
    },
  },
  preset: {
    worker: {
      concurrentJobs: 100,
      maxPoolSize: 20,
      pollInterval: 500,
      localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
});
// The outcome is durable when the job's row is gone.
const watch = async () => {
  while (true) {
    if (done >= messages) {
      const { rows } = await utils.withPgClient((client) =>
        client.query("SELECT count(*) AS open FROM graphile_worker.jobs"),
      );
      if (rows[0].open === "0") return finished();
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

await hold("ready");
const began = performance.now();
watch();
for (let made = 0; made < messages; made += batch) {
  while (made - done > aheadMax) await new Promise((resolve) => setTimeout(resolve, 1));
  const jobs = [];
  for (let i = made; i < Math.min(messages, made + batch); i++) {
    jobs.push({ identifier: "deliver", payload: eventAt(i, calls, tenants), maxAttempts: 10 });
  }
  await utils.addJobs(jobs);
}
await allDone;
const seconds = (performance.now() - began) / 1000;
await hold("done");
console.log(JSON.stringify({ seconds, delivered: done, made: messages }));
process.exit(0);
