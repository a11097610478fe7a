// The vendor's client against the fake: what passes here is what our own client is tested against.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import Retell from 'retell-sdk';
import { startFake, startReceiver } from '../start_fake.mjs';

const apiKey = 'key_fake_0123456789abcdef';
const range = { type: 'range', op: 'bt', value: [Date.parse('2024-06-01'), Date.parse('2025-06-01')] };
let fake;
let client;
before(async () => {
  fake = await startFake('retell');
  client = new Retell({ apiKey, baseURL: fake.baseURL, maxRetries: 0 });
});
after(() => fake.stop());

async function allCalls(body = {}) {
  const calls = [];
  let pagination_key;
  do {
    const page = await client.call.list({
      filter_criteria: { start_timestamp: range },
      sort_order: 'ascending',
      limit: 150,
      ...body,
      pagination_key,
    });
    calls.push(...page.items);
    pagination_key = page.has_more ? page.pagination_key : undefined;
  } while (pagination_key);
  return calls;
}

describe('calls', () => {
  test('all pages have each call once, in order, without transcripts', async () => {
    const calls = await allCalls();
    const truth = await fake.truth('calls');
    assert.equal(calls.length, truth.total);
    assert.deepEqual(
      calls.map((call) => call.call_id),
      truth.rows.map((row) => row.external_call_id),
    );
    assert.ok(calls.every((call) => !('transcript' in call)));
    for (const [at, call] of calls.entries()) {
      assert.ok(Math.abs(call.call_cost.combined_cost / 100 - Number(truth.rows[at].cost)) < 1e-9);
    }
  });

  test('the newest come first unless asked otherwise, and the total when asked for', async () => {
    const page = await client.call.list({ limit: 5, include_total: true });
    assert.equal(page.total, 400);
    const starts = page.items.map((call) => call.start_timestamp);
    assert.deepEqual(starts, [...starts].sort((left, right) => right - left));
  });

  test('conditions are typed objects, and all of them must hold', async () => {
    const calls = await allCalls({
      filter_criteria: {
        start_timestamp: range,
        direction: { type: 'enum', op: 'in', value: ['inbound'] },
        from_number: { type: 'string', op: 'sw', value: '+44' },
      },
    });
    assert.ok(calls.length > 0);
    assert.ok(calls.every((call) => call.direction === 'inbound' && call.from_number.startsWith('+44')));
    for (const filter_criteria of [{ agent_id: ['agent_1'] }, { start_timestamp: { lower_threshold: 1 } }]) {
      await assert.rejects(client.call.list({ filter_criteria }), Retell.BadRequestError);
    }
    await assert.rejects(client.call.list({ limit: 1001 }), Retell.BadRequestError);
    await assert.rejects(client.call.list({ skip: 1, pagination_key: 'x' }), Retell.BadRequestError);
  });

  test('a single call has its transcript; one that does not exist is unknown', async () => {
    const [first] = await allCalls({ limit: 1 });
    const call = await client.call.retrieve(first.call_id);
    assert.equal(call.call_id, first.call_id);
    assert.match(call.transcript, /^Agent: /);
    assert.ok(Array.isArray(call.transcript_object));
    await assert.rejects(client.call.retrieve('call_none'), Retell.UnprocessableEntityError);
  });

  test('a call is registered when it is placed', async () => {
    const call = await client.call.createPhoneCall({ from_number: '+12025550142', to_number: '+12025550143' });
    assert.equal(call.call_status, 'registered');
    await assert.rejects(
      client.call.createPhoneCall({ from_number: '1', to_number: '2' }),
      Retell.BadRequestError,
    );
  });
});

describe('the account', () => {
  test('agents are listed by name and read in full', async () => {
    const { items } = await client.agent.list({ limit: 50 });
    assert.equal(items.length, 3);
    const agent = await client.agent.retrieve(items[0].agent_id);
    assert.deepEqual(agent.language, ['en-AU', 'fr-FR']);
    assert.equal((await client.agent.getVersions(items[0].agent_id)).length, 1);
  });

  test('numbers, models, voices, concurrency, the key and exports', async () => {
    const numbers = await client.phoneNumber.list();
    assert.ok(numbers.items[0].inbound_agents[0].weight > 0);
    assert.ok((await client.llm.list()).items[0].llm_id);
    assert.ok((await client.voice.list())[0].voice_id);
    assert.ok((await client.concurrency.retrieve()).concurrency_limit > 0);
    assert.equal((await client.identity.retrieve()).org_name, 'Müller & Söhne');
    assert.ok((await client.exportRequest.list()).items.length > 0);
  });
});

describe('errors', () => {
  test('a wrong key, too many requests, failures and broken connections', async () => {
    const stranger = new Retell({ apiKey: 'wrong', baseURL: fake.baseURL, maxRetries: 0 });
    await assert.rejects(stranger.concurrency.retrieve(), Retell.AuthenticationError);
    for (const [kind, type] of [
      ['rate_limited', Retell.RateLimitError],
      ['server_error', Retell.InternalServerError],
      ['bad_gateway', Retell.InternalServerError],
      ['cut', Retell.APIConnectionError],
    ]) {
      await fake.fault({ kind });
      await assert.rejects(client.concurrency.retrieve(), type);
      await fake.calm();
    }
    await fake.fault({ kind: 'server_error', times: 2 });
    const patient = client.withOptions({ maxRetries: 2 });
    assert.ok((await patient.concurrency.retrieve()).concurrency_limit > 0);
  });
});

describe('webhooks', () => {
  test('each is signed as the vendor signs', async () => {
    const receiver = await startReceiver();
    const sent = await fake.sendWebhooks({ url: receiver.url, from: '2024-06-01', to: '2024-06-20', copies: 2 });
    await receiver.stop();
    assert.equal(receiver.received.length, sent.sent);
    assert.equal(sent.accepted, sent.sent);
    const events = new Set();
    for (const { headers, body } of receiver.received) {
      const signature = headers['x-retell-signature'];
      assert.equal(await Retell.verify(body, apiKey, signature), true);
      assert.equal(await Retell.verify(body, 'another', signature), false);
      assert.equal(await Retell.verify(body + ' ', apiKey, signature), false);
      events.add(JSON.parse(body).event);
    }
    assert.deepEqual([...events].sort(), ['call_analyzed', 'call_ended', 'call_started']);
  });
});
