// Webhook deliveries on BullMQ: events added in bulk, delivered by a worker in the same process. Redis keeps
// what it is told (appendonly yes, appendfsync always). Nothing keeps the events of a call in order.
import { Queue, Worker } from "bullmq";
import { deliver, eventAt, hold, options } from "./webhook_common.js";

const { messages, calls, tenants, url, secret, store } = options();
const batch = 100;
const aheadMax = 2000;
const connection = { host: "127.0.0.1", port: Number(store) };

const queue = new Queue("webhooks", {
  connection,
  defaultJobOptions: {
    attempts: 10,
    backoff: { type: "exponential", delay: 5000 },
    removeOnComplete: { count: 1000 },
  },
});
await queue.waitUntilReady();
let done = 0;
let finished;
const allDone = new Promise((resolve) => (finished = resolve));
const worker = new Worker("webhooks", (job) => deliver(job.data, url, secret), {
  connection: { ...connection, maxRetriesPerRequest: null },
  concurrency: 200,
});
worker.on("completed", () => {
  if (++done === messages) finished();
});
worker.on("failed", (job, error) => console.error(error.message));
await worker.waitUntilReady();

await hold("ready");
const began = performance.now();
for (let made = 0; made < messages; made += batch) {
  while (made - done > aheadMax) await new Promise((resolve) => setTimeout(resolve, 1));
  const jobs = [];
  for (let i = made; i < Math.min(messages, made + batch); i++) {
    const message = eventAt(i, calls, tenants);
    jobs.push({ name: "deliver", data: message, opts: { jobId: message.id } });
  }
  await queue.addBulk(jobs);
}
await allDone;
const seconds = (performance.now() - began) / 1000;
await hold("done");
console.log(JSON.stringify({ seconds, delivered: done, made: messages }));
process.exit(0);
