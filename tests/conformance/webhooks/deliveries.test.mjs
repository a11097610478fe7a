// Deliveries that a running server sent, verified by the reference library of Standard Webhooks. The black-box suite records
// them and starts this (tests/blackbox/test_standard_webhooks.py); TRUNKLINE_DELIVERIES names the file with what came:
// [{ style, secret, previousSecret, headers, body (base64) }].
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const file = process.env.TRUNKLINE_DELIVERIES;
const deliveries = file ? JSON.parse(readFileSync(file, "utf8")) : [];
const named = (headers) => ({
  "webhook-id": headers["webhook-id"],
  "webhook-timestamp": headers["webhook-timestamp"],
  "webhook-signature": headers["webhook-signature"],
});

test("there are deliveries of every style, events and tool requests", { skip: !file && "no deliveries given" }, () => {
  assert.deepEqual([...new Set(deliveries.map((each) => each.style))].sort(), ["compact", "spaced", "utf8"]);
  assert.ok(deliveries.some((each) => each.tool) && deliveries.some((each) => !each.tool));
});

for (const [index, { style, secret, previousSecret, headers, body, tool }] of deliveries.entries()) {
  const raw = Buffer.from(body, "base64").toString("utf8");
  const name = `${style} ${tool ? "tool request" : JSON.parse(raw).event} ${index}`;

  test(`${name} verifies`, () => {
    assert.deepEqual(new Webhook(secret).verify(raw, named(headers)), JSON.parse(raw));
  });

  test(`${name} verifies with the secret that is being retired`, { skip: !previousSecret && "no rotation" }, () => {
    assert.deepEqual(new Webhook(previousSecret).verify(raw, named(headers)), JSON.parse(raw));
  });

  test(`${name} is refused when a byte, the id, the time or the secret is another`, () => {
    const refused = (payload, changed, key = secret) =>
      assert.throws(() => new Webhook(key).verify(payload, { ...named(headers), ...changed }), WebhookVerificationError);
    refused(raw.replace("call_", "cell_"), {});
    refused(raw + " ", {});
    refused(raw, { "webhook-id": headers["webhook-id"] + "0" });
    refused(raw, { "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) });
    refused(raw, {}, "whsec_" + Buffer.from("another secret of thirty-two byt").toString("base64"));
  });

  test(`${name} carries the older signature over the same bytes`, () => {
    const hex = createHmac("sha256", secret).update(Buffer.from(body, "base64")).digest("hex");
    assert.equal(headers["x-pamela-signature"], hex);
  });

  test(`${name} survives re-serialisation in JavaScript`, { skip: style !== "utf8" && "that is for the style utf8" }, () => {
    assert.equal(JSON.stringify(JSON.parse(raw)), raw);
  });
}
