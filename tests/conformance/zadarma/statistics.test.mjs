// The published Node client against the fake: what passes here is what our own client is tested against. It
// signs by itself, so that the fake's reading of the signature is not only ours.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import zadarma from 'zadarma';
import { startFake, startReceiver } from '../start_fake.mjs';

const key = 'fakekey0123456789abc';
const secret = 'fakesecret9876543210';
let fake;
before(async () => {
  // A second is a minute here.
  fake = await startFake('zadarma', ['--quota-window-ms', '1000']);
});
after(() => fake.stop());

const ask = (api_method, params = {}, more = {}) =>
  zadarma.api({
    baseURL: fake.origin,
    api_method,
    params: { format: 'json', ...params },
    api_user_key: key,
    api_secret_key: secret,
    ...more,
  });
const nextWindow = () => new Promise((resolve) => setTimeout(resolve, 1001 - (Date.now() % 1000)));

// What happens within one window; anew when the machine was too slow for it.
async function inOneWindow(work) {
  const window = () => Math.floor(Date.now() / 1000);
  for (let left = 20; ; --left) {
    await nextWindow();
    const begun = window();
    const result = await work();
    if (window() === begun) return result;
    assert.ok(left > 0, 'no window was long enough');
  }
}

async function statistics(path, params) {
  const rows = [];
  for (let skip = 0; ; skip += 1000) {
    let page = await ask(path, { ...params, skip: String(skip), limit: '1000' });
    while (page.message === 'You exceeded the rate limit') {
      await nextWindow();
      page = await ask(path, { ...params, skip: String(skip), limit: '1000' });
    }
    assert.equal(page.status, 'success', page.message);
    assert.equal(page.start, params.start);
    rows.push(...page.stats);
    if (page.stats.length < 1000) return rows;
  }
}

const month = { start: '2024-08-01 00:00:00', end: '2024-08-30 23:59:59' };
// Sydney's winter.
const monthInUtc = 'from=2024-07-31T14:00:00Z&to=2024-08-30T14:00:00Z';

describe('statistics', () => {
  test('the three feeds together are the truth of a month', async () => {
    const billed = await statistics('/v1/statistics/', month);
    const incoming = await statistics('/v1/statistics/incoming-calls/', month);
    const legs = await statistics('/v1/statistics/pbx/', { ...month, version: '2' });
    const truth = await fake.truth('calls', monthInUtc);
    const expected = truth.rows.map((row) => row.external_call_id).sort();
    const pbx = new Set(legs.map((leg) => leg.pbx_call_id || 'internal'));
    pbx.delete('internal');
    const found = [...billed, ...incoming].map((row) => row.id);
    assert.deepEqual(
      [...found, ...pbx].sort(),
      expected.filter((id) => !/^\d+\.\d+$/.test(id)),
    );
    assert.ok(legs.length > pbx.size);
    assert.ok(incoming.every((row) => !('billcost' in row)));
    const sums = { USD: 0, EUR: 0 };
    for (const row of billed) sums[row.currency] += row.billcost;
    await nextWindow();
    const totals = await ask('/v1/statistics/', { ...month, cost_only: '1' });
    for (const { currency, cost } of totals.stats) assert.ok(Math.abs(sums[currency] - cost) < 1e-6);
  });

  test('a window of more than thirty days is cut without a word', async () => {
    await nextWindow();
    const page = await ask('/v1/statistics/', { start: '2024-07-01 00:00:00', end: '2024-12-31 00:00:00' });
    assert.equal(page.status, 'success');
    assert.equal(page.end, '2024-07-31 00:00:00');
  });

  test('the fourth statistics request of a minute is refused, and the other methods go on', async () => {
    const begun = Math.floor(Date.now() / 1000);
    const [answers, balance, refused] = await inOneWindow(async () => {
      const statistics = [];
      for (let request = 0; request < 4; ++request) statistics.push(await ask('/v1/statistics/', month));
      return [statistics, await ask('/v1/info/balance/'), await fetch(`${fake.origin}/v1/statistics/`)];
    });
    assert.equal(answers[3].message, 'You exceeded the rate limit');
    assert.equal(balance.status, 'success');
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('x-ratelimit-limit'), '3');
    assert.equal(refused.headers.get('x-zadarma-method'), '/v1/statistics/');
    assert.ok(Number(refused.headers.get('x-ratelimit-reset')) >= begun);
  });
});

describe('signatures', () => {
  test('texts of any kind are signed alike', async () => {
    for (const message of ['Hello', 'Café & tea + 50% off (today)!', 'Ваш код: 7', '👋 [a]=b/c?d#e', ' * ']) {
      const answer = await ask('/v1/sms/send/', { number: '61255502001', message }, { http_method: 'POST' });
      assert.equal(answer.status, 'success', message);
    }
  });

  test('a wrong secret is refused', async () => {
    const answer = await ask('/v1/info/balance/', {}, { api_secret_key: 'wrongsecret987654321' });
    assert.deepEqual(answer, { status: 'error', message: 'Auth error' });
  });
});

describe('the account', () => {
  test('reference data has the documented members', async () => {
    assert.equal(typeof (await ask('/v1/info/balance/')).balance, 'number');
    assert.equal((await ask('/v1/info/price/', { number: '61491570156' })).info.price, '0.049');
    assert.match((await ask('/v1/info/timezone/')).timezone, /^UTC\+1[01]$/);
    assert.equal((await ask('/v1/direct_numbers/')).info.length, 3);
    assert.equal((await ask('/v1/direct_numbers/number/', { number: '61255501234' })).info.channels, '3');
    assert.equal((await ask('/v1/sip/')).sips.length, 2);
    assert.equal((await ask('/v1/pbx/internal/')).numbers.length, 3);
    assert.equal((await ask('/v1/pbx/internal/100/info/')).caller_id, '+61255501234');
    assert.equal((await ask('/v1/no/such/')).status, 'error');
  });

  test('part of the numbers may be denied', async () => {
    const answer = await ask(
      '/v1/sms/send/',
      { number: '61255502001,442079460001', message: 'x' },
      { http_method: 'POST' },
    );
    assert.equal(answer.sms_detalization.length, 1);
    assert.equal(answer.denied_numbers.length, 1);
  });

  test('a recording is there by leg and by call', async () => {
    const { rows } = await fake.truth('recordings', 'limit=1');
    const byLeg = await ask('/v1/pbx/record/request/', { call_id: rows[0].external_recording_id });
    assert.match(byLeg.link, new RegExp(`${rows[0].external_recording_id}-\\d+\\.mp3$`));
    const byCall = await ask('/v1/pbx/record/request/', { pbx_call_id: rows[0].external_call_id });
    assert.equal(byCall.links.length, 1);
    const short = await ask('/v1/pbx/record/request/', {
      call_id: rows[0].external_recording_id,
      lifetime: '10',
    });
    assert.equal(short.status, 'error');
  });
});

describe('webhooks', () => {
  test('each is signed over the fields of its event', async () => {
    const receiver = await startReceiver();
    const sent = await fake.sendWebhooks({ url: receiver.url, from: '2024-06-01', to: '2024-06-20' });
    await receiver.stop();
    assert.equal(receiver.received.length, sent.sent);
    const signed = {
      NOTIFY_START: (form) => form.caller_id + form.called_did + form.call_start,
      NOTIFY_ANSWER: (form) => form.caller_id + form.destination + form.call_start,
      NOTIFY_END: (form) => form.caller_id + form.called_did + form.call_start,
      NOTIFY_OUT_START: (form) => form.internal + form.destination + form.call_start,
      NOTIFY_OUT_END: (form) => form.internal + form.destination + form.call_start,
      NOTIFY_RECORD: (form) => form.pbx_call_id + form.call_id_with_rec,
      SMS: (form) => form.result,
    };
    const events = new Set();
    for (const { headers, body } of receiver.received) {
      const form = Object.fromEntries(new URLSearchParams(body));
      events.add(form.event);
      const hex = createHmac('sha1', secret).update(signed[form.event](form)).digest('hex');
      assert.equal(headers.signature, Buffer.from(hex).toString('base64'), form.event);
    }
    assert.ok(events.size >= 6);
  });
});
