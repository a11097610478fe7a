// The vendor's client against the fake: what passes here is what our own client is tested against.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Telnyx from 'telnyx';
import { startFake, startReceiver } from '../start_fake.mjs';

const publicKey = 'A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=';
const wholeYear = { gte: '2024-06-01T00:00:00Z', lt: '2025-06-01T00:00:00Z' };
let fake;
let client;
before(async () => {
  fake = await startFake('telnyx');
  client = new Telnyx({ apiKey: 'KEYfake0123456789', publicKey, baseURL: fake.baseURL, maxRetries: 0 });
});
after(() => fake.stop());

async function all(pages) {
  const rows = [];
  for await (const row of pages) rows.push(row);
  return rows;
}
const newestFirst = (rows, key) => rows.every((row, at) => at === 0 || rows[at - 1][key] >= row[key]);

describe('detail records', () => {
  test('all pages of a month have each leg once, newest first, with exact costs', async () => {
    const filter = {
      record_type: 'sip-trunking',
      started_at: { gte: '2024-09-01T00:00:00Z', lt: '2024-10-01T00:00:00Z' },
    };
    const rows = await all(client.detailRecords.list({ filter, 'page[size]': 50 }));
    const truth = await fake.truth('calls', 'from=2024-09-01&to=2024-10-01');
    assert.equal(rows.length, truth.total);
    assert.equal(new Set(rows.map((row) => row.id)).size, rows.length);
    assert.ok(newestFirst(rows, 'started_at'));
    const costs = new Map(rows.map((row) => [row.id, Number(row.cost)]));
    for (const call of truth.rows) {
      assert.ok(Math.abs(costs.get(call.external_call_id) - Number(call.cost)) < 1e-9);
    }
    assert.ok(rows.some((row) => /E-\d/.test(row.cost)));
  });

  test('a page has fifty rows at most and says how many there are', async () => {
    const page = await client.detailRecords.list({
      filter: { record_type: 'sip-trunking', started_at: wholeYear },
      'page[size]': 200,
    });
    assert.equal(page.data.length, 50);
    assert.equal(page.meta.page_size, 50);
    assert.equal(page.meta.total_pages, Math.ceil(page.meta.total_results / 50));
  });

  test('messages, control records and charges are kinds of their own', async () => {
    for (const [record_type, key, field] of [
      ['messaging', 'uuid', 'created_at'],
      ['call-control', 'telnyx_leg_id', 'started_at'],
      ['amd', 'id', 'invoked_at'],
      ['recording', 'id', 'started_at'],
    ]) {
      const page = await client.detailRecords.list({ filter: { record_type, [field]: wholeYear } });
      assert.ok(page.data.length > 0, record_type);
      assert.ok(page.data.every((row) => typeof row[key] === 'string'));
    }
  });

  test('any member can be filtered by', async () => {
    const started_at = { gte: '2024-09-01T00:00:00Z', lt: '2024-12-01T00:00:00Z' };
    const inbound = await all(
      client.detailRecords.list({ filter: { record_type: 'sip-trunking', started_at, direction: 'inbound' } }),
    );
    assert.ok(inbound.length > 0);
    assert.ok(inbound.every((row) => row.direction === 'inbound'));
    const british = await all(
      client.detailRecords.list({
        filter: { record_type: 'sip-trunking', started_at, cld: { starts_with: '+44' } },
      }),
    );
    assert.ok(british.length > 0);
    assert.ok(british.every((row) => row.cld.startsWith('+44')));
  });

  test('a filter on a field that the kind does not have finds nothing; a missing kind is refused', async () => {
    const none = await client.detailRecords.list({
      filter: { record_type: 'messaging', created_at: wholeYear, no_such_field: 'x', other: 'y' },
    });
    assert.equal(none.data.length, 0);
    await assert.rejects(client.detailRecords.list({}), (error) => {
      assert.ok(error instanceof Telnyx.BadRequestError);
      assert.equal(error.error.errors[0].code, '10011');
      return true;
    });
  });
});

describe('lists', () => {
  test('numbers, connections, profiles and orders are paged', async () => {
    const numbers = await all(client.phoneNumbers.list({ 'page[size]': 2 }));
    assert.equal(numbers.length, 4);
    assert.ok(numbers.every((number) => number.phone_number.startsWith('+')));
    for (const list of [
      client.fqdnConnections,
      client.fqdns,
      client.outboundVoiceProfiles,
      client.messagingProfiles,
      client.callControlApplications,
      client.numberOrders,
      client.portouts,
      client.verifyProfiles,
      client.billingGroups,
    ]) {
      assert.ok((await all(list.list())).length > 0);
    }
  });

  test('recordings have links, and can be read one by one', async () => {
    const rows = await all(client.recordings.list({ filter: { created_at: { gte: wholeYear.gte, lte: wholeYear.lt } } }));
    const truth = await fake.truth('recordings');
    assert.equal(rows.length, truth.total);
    const { data } = await client.recordings.retrieve(rows[0].id);
    assert.equal(data.id, rows[0].id);
    assert.ok(data.download_urls.mp3.includes('X-Amz-Signature'));
    assert.equal((await fetch(data.download_urls.mp3)).status, 200);
  });

  test('balance and bills are decimal texts', async () => {
    const { data } = await client.balance.retrieve();
    assert.match(data.balance, /^-?\d+\.\d{4}$/);
    const window = { start_date: '2025-01-01', end_date: '2025-02-01' };
    const summary = await client.chargesSummary.retrieve(window);
    assert.match(summary.data.total.grand_total, /^-?\d+\.\d{2}$/);
    const breakdown = await client.chargesBreakdown.retrieve(window);
    assert.equal(breakdown.data.results.length, 4);
    assert.ok((await all(client.invoices.list())).length >= 12);
    await assert.rejects(
      client.chargesSummary.retrieve({ start_date: '2025-01-01', end_date: '2025-04-01' }),
      Telnyx.BadRequestError,
    );
  });
});

describe('errors', () => {
  test('a wrong key, an unknown thing, too many requests and gateway pages', async () => {
    const stranger = new Telnyx({ apiKey: 'wrong', baseURL: fake.baseURL, maxRetries: 0 });
    await assert.rejects(stranger.balance.retrieve(), Telnyx.AuthenticationError);
    await assert.rejects(client.recordings.retrieve('none'), Telnyx.NotFoundError);
    for (const [kind, type] of [
      ['rate_limited', Telnyx.RateLimitError],
      ['server_error', Telnyx.InternalServerError],
      ['bad_gateway', Telnyx.InternalServerError],
      ['cut', Telnyx.APIConnectionError],
    ]) {
      await fake.fault({ kind, path: '/v2/balance' });
      await assert.rejects(client.balance.retrieve(), (error) => error instanceof type || assert.fail(`${kind}: ${error}`));
      await fake.calm();
    }
  });

  test('the client outlasts two failures by itself', async () => {
    const patient = client.withOptions({ maxRetries: 2 });
    await fake.fault({ kind: 'server_error', times: 2 });
    assert.ok((await patient.balance.retrieve()).data.balance);
    await fake.calm();
  });

  test('the forty-first detail record request of a minute is refused, with the quota in its headers', async () => {
    const filter = { record_type: 'messaging', created_at: wholeYear };
    let refused;
    for (let request = 0; request < 90 && !refused; ++request) {
      await client.detailRecords.list({ filter }).catch((error) => (refused = error));
    }
    assert.ok(refused instanceof Telnyx.RateLimitError);
    assert.match(refused.headers.get('x-ratelimit-limit'), /^40, 40;w=60$/);
    assert.ok(Number(refused.headers.get('x-ratelimit-reset')) <= 60);
    assert.equal(refused.headers.get('retry-after'), null);
  });
});

describe('webhooks', () => {
  test('each is signed as the vendor signs, and reads as an event', async () => {
    const receiver = await startReceiver();
    const sent = await fake.sendWebhooks({ url: receiver.url, from: '2024-06-01', to: '2024-06-20' });
    await receiver.stop();
    assert.ok(sent.accepted > 10);
    assert.equal(receiver.received.length, sent.sent);
    const types = new Set();
    for (const { headers, body } of receiver.received) {
      const event = await client.webhooks.unwrap(body, { headers });
      types.add(event.data.event_type);
      await assert.rejects(async () => client.webhooks.unwrap(body + ' ', { headers }));
    }
    for (const type of ['call.initiated', 'call.answered', 'call.hangup', 'call.cost', 'message.finalized']) {
      assert.ok(types.has(type), type);
    }
  });
});
