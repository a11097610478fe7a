// What the two webhook opponents share: the event, its signatures, and the sending of it.
import { createHmac, randomUUID } from "node:crypto";
import { Agent } from "undici";

const agent = new Agent({ connections: 32, pipelining: 1 });

// The same event as Trunkline's: the words of a call as they are spoken. The bytes are made once, here.
export function eventAt(index, calls, tenants) {
  const call = index % calls;
  const id = `call_${String(call).padStart(26, "0")}`;
  const event = {
    event: "call.transcript_update",
    call_id: id,
    call_session_id: `session_${id}`,
    status: "in_progress",
    timestamp: "2026-03-02T09:15:04.123456Z",
    sequence: Math.floor(index / calls),
    transcript: [
      {
        role: "agent",
        text:
          "Good morning, this is Ava calling on behalf of Dana Smith. I would like to ask until when you are " +
          "open today and whether a table for two is free at seven.",
        timestamp: "2026-03-02T09:15:04.123456Z",
      },
    ],
  };
  return { id: randomUUID(), tenant: call % tenants, body: JSON.stringify(event) };
}

// Sends with the same two signatures as Trunkline; throws unless the answer is 2xx: the queue tries again.
export async function deliver(message, url, secret) {
  const sentAt = Math.floor(Date.now() / 1000);
  const hmac = (text) => createHmac("sha256", secret).update(text);
  const target = new URL(url.replace("{high}", "1").replace("{low}", String(message.tenant + 1)));
  const { statusCode, body } = await agent.request({
    origin: target.origin,
    path: target.pathname,
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-pamela-signature": hmac(message.body).digest("hex"),
      "webhook-id": message.id,
      "webhook-timestamp": String(sentAt),
      "webhook-signature": `v1,${hmac(`${message.id}.${sentAt}.${message.body}`).digest("base64")}`,
    },
    body: message.body,
  });
  await body.dump();
  if (statusCode < 200 || statusCode > 299) throw new Error(`the receiver answered ${statusCode}`);
}

// Prints a line and waits for one: how the driver knows when to read the clocks.
export async function hold(line) {
  console.log(line);
  await new Promise((resolve) => process.stdin.once("data", resolve));
}

export function options() {
  const given = process.argv.slice(2);
  const value = (name) => given[given.indexOf(`--${name}`) + 1];
  return {
    messages: Number(value("messages")),
    calls: Number(value("calls")),
    tenants: Number(value("tenants")),
    url: value("url"),
    secret: value("secret"),
    store: value("store"),
  };
}
