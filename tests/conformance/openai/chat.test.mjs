// The vendor's client against the fake: answers, streams, tool calls, errors and retries are what it expects
// of the real API. What passes here is what our own client is tested against.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import OpenAI from 'openai';
import { ask, orderStatus, startFake } from './fake.mjs';

let fake;
before(async () => {
  fake = await startFake();
});
after(() => fake.stop());

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const wordsOf = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');

describe('answers', () => {
  test('a plain answer has text, a reason to end and the usage', async () => {
    const answer = await fake
      .client()
      .chat.completions.create(ask('Please say hello.', { max_completion_tokens: 85 }));
    assert.equal(answer.object, 'chat.completion');
    assert.equal(answer.model, 'gpt-4o-mini');
    assert.equal(answer.choices[0].message.role, 'assistant');
    assert.equal(answer.choices[0].message.content, 'Hello! How can I help you?');
    assert.equal(answer.choices[0].message.refusal, null);
    assert.equal(answer.choices[0].finish_reason, 'stop');
    const { prompt_tokens, completion_tokens, total_tokens } = answer.usage;
    assert.equal(total_tokens, prompt_tokens + completion_tokens);
    assert.ok(answer._request_id.startsWith('req_'));
  });

  test('a stream carries the role, the words, the reason and, when asked, the usage', async () => {
    const stream = await fake
      .client()
      .chat.completions.create(
        ask('Please say hello.', { stream: true, stream_options: { include_usage: true } }),
      );
    const chunks = await collect(stream);
    assert.equal(chunks[0].choices[0].delta.role, 'assistant');
    assert.equal(wordsOf(chunks), 'Hello! How can I help you?');
    assert.equal(new Set(chunks.map((chunk) => chunk.id)).size, 1);
    assert.ok(chunks.every((chunk) => chunk.object === 'chat.completion.chunk'));
    assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop');
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.ok(chunks.at(-1).usage.total_tokens > 0);
    assert.ok(chunks.slice(0, -1).every((chunk) => chunk.usage === null));
  });

  test('a stream without stream_options has no usage', async () => {
    const chunks = await collect(
      await fake.client().chat.completions.create(ask('Please say hello.', { stream: true })),
    );
    assert.equal(chunks.at(-1).choices[0].finish_reason, 'stop');
    assert.ok(chunks.every((chunk) => !('usage' in chunk)));
  });

  test('characters survive a stream that is written byte by byte', async () => {
    const chunks = await collect(
      await fake.client().chat.completions.create(ask('Please speak Spanish.', { stream: true })),
    );
    assert.equal(wordsOf(chunks), '¡Hola, señor Núñez! ¿Qué tal? 👋');
    assert.ok(chunks.every((chunk) => typeof chunk.obfuscation === 'string'));
  });

  test('comments and CRLF are part of an event stream', async () => {
    const chunks = await collect(
      await fake.client().chat.completions.create(ask('Please, with comments.', { stream: true })),
    );
    assert.equal(wordsOf(chunks), 'One two three.');
  });

  test('a stream may end without [DONE]', async () => {
    const chunks = await collect(
      await fake.client().chat.completions.create(ask('Please forget the end.', { stream: true })),
    );
    assert.equal(wordsOf(chunks), 'There is no end.');
  });

  test('the models can be listed', async () => {
    const models = [];
    for await (const model of fake.client().models.list()) models.push(model.id);
    assert.ok(models.includes('gpt-4o-mini'));
  });
});

describe('tool calls', () => {
  test('a streamed call in three pieces is put together by the client', async () => {
    const stream = fake
      .client()
      .chat.completions.stream(ask('Please use the tool.', { tools: [orderStatus], tool_choice: 'auto' }));
    const pieces = [];
    stream.on('tool_calls.function.arguments.delta', ({ arguments_delta }) => pieces.push(arguments_delta));
    const answer = await stream.finalChatCompletion();
    assert.equal(pieces.filter((piece) => piece !== '').length, 3);
    assert.equal(answer.choices[0].finish_reason, 'tool_calls');
    const [call] = answer.choices[0].message.tool_calls;
    assert.equal(call.function.name, 'order_status');
    assert.deepEqual(JSON.parse(call.function.arguments), { order_id: '12345' });
  });

  test('two calls are told apart by their index', async () => {
    const answer = await fake
      .client()
      .chat.completions.stream(ask('Please use two tools.', { tools: [orderStatus] }))
      .finalChatCompletion();
    const calls = answer.choices[0].message.tool_calls;
    assert.deepEqual(
      calls.map((call) => call.id),
      ['call_a', 'call_b'],
    );
    assert.deepEqual(
      calls.map((call) => JSON.parse(call.function.arguments).order_id),
      ['1', '2'],
    );
  });

  test('the result of a call is answered', async () => {
    const client = fake.client();
    const request = ask('Please use the tool.', { tools: [orderStatus] });
    const first = await client.chat.completions.create(request);
    const [call] = first.choices[0].message.tool_calls;
    const second = await client.chat.completions.create({
      ...request,
      messages: [
        ...request.messages,
        first.choices[0].message,
        { role: 'tool', tool_call_id: call.id, content: '"shipped"' },
      ],
    });
    assert.equal(second.choices[0].message.content, 'The order is on its way.');
  });

  test('a call without its result, or a result without its call, is refused', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'order_status', arguments: '{}' } };
    const user = { role: 'user', content: 'hi' };
    const unanswered = [user, { role: 'assistant', tool_calls: [call] }, user];
    const uncalled = [user, { role: 'tool', tool_call_id: 'call_1', content: '1' }];
    const mismatched = [
      user,
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_2', content: '1' },
    ];
    for (const [messages, words] of [
      [unanswered, /did not have response messages: call_1/],
      [uncalled, /must be a response to a preceeding message with 'tool_calls'/],
      [mismatched, /must be a response to a preceeding message/],
    ]) {
      const failure = fake.client().chat.completions.create(ask('', { messages }));
      await assert.rejects(
        failure,
        (error) => error instanceof OpenAI.BadRequestError && words.test(error.message),
      );
    }
  });
});

describe('errors', () => {
  const refusals = [
    ['a wrong key', { apiKey: 'sk-wrong-key-123' }, {}, OpenAI.AuthenticationError, 'invalid_api_key'],
    ['an unknown model', {}, { model: 'gpt-9' }, OpenAI.NotFoundError, 'model_not_found'],
    ['no messages', {}, { messages: [] }, OpenAI.BadRequestError, 'empty_array'],
    [
      'an unknown role',
      {},
      { messages: [{ role: 'robot', content: 'hi' }] },
      OpenAI.BadRequestError,
      'invalid_value',
    ],
    [
      'a bad function name',
      {},
      { tools: [{ type: 'function', function: { name: 'no spaces' } }] },
      OpenAI.BadRequestError,
      'invalid_value',
    ],
    [
      'max_tokens for a reasoning model',
      {},
      { model: 'o3-mini', max_tokens: 5 },
      OpenAI.BadRequestError,
      'unsupported_parameter',
    ],
    [
      'stream_options without a stream',
      {},
      { stream_options: { include_usage: true } },
      OpenAI.BadRequestError,
      null,
    ],
    ['an unknown field', {}, { shouting: true }, OpenAI.BadRequestError, null],
  ];
  for (const [what, options, more, type, code] of refusals) {
    test(`${what} is refused in the error envelope`, async () => {
      await assert.rejects(
        fake.client(options).chat.completions.create(ask('Please say hello.', more)),
        (error) => {
          assert.ok(error instanceof type, String(error));
          assert.equal(error.code, code);
          assert.equal(error.type, 'invalid_request_error');
          return true;
        },
      );
    });
  }

  test('429, 500, no credit and bodies that are no JSON become the errors of the client', async () => {
    for (const [words, type, code] of [
      ['rate limit always', OpenAI.RateLimitError, 'rate_limit_exceeded'],
      ['out of quota', OpenAI.RateLimitError, 'insufficient_quota'],
      ['fail and forbid retries', OpenAI.InternalServerError, null],
      ['no JSON', OpenAI.InternalServerError, undefined],
    ]) {
      await assert.rejects(fake.client().chat.completions.create(ask(words)), (error) => {
        assert.ok(error instanceof type, `${words}: ${error}`);
        assert.equal(error.code, code);
        return true;
      });
    }
  });

  test('an error in the middle of a stream is an error, and so is a connection that breaks', async () => {
    for (const [words, type] of [
      ['break in the middle', OpenAI.APIError],
      ['cut in the middle', Error],
    ]) {
      const stream = await fake.client().chat.completions.create(ask(words, { stream: true }));
      await assert.rejects(collect(stream), type);
    }
  });

  test('an answer that does not come runs into the timeout', async () => {
    const failure = fake.client({ timeout: 200 }).chat.completions.create(ask('never answer'));
    await assert.rejects(failure, OpenAI.APIConnectionTimeoutError);
  });
});

describe('retries', () => {
  async function timed(work) {
    const begin = performance.now();
    const result = await work();
    return [result, performance.now() - begin];
  }

  test('retry-after-ms is obeyed before retry-after', async () => {
    const client = fake.client({ maxRetries: 2 });
    const [answer, took] = await timed(() =>
      client.chat.completions.create(ask('rate limit once by milliseconds')),
    );
    assert.equal(answer.choices[0].message.content, 'All is well.');
    assert.ok(took >= 140 && took < 5000, `${took} ms`);
  });

  test('retry-after in seconds is obeyed', async () => {
    const client = fake.client({ maxRetries: 2 });
    const [answer, took] = await timed(() =>
      client.chat.completions.create(ask('rate limit once by seconds')),
    );
    assert.equal(answer.choices[0].message.content, 'All is well.');
    assert.ok(took >= 950, `${took} ms`);
  });

  test('a 500 is tried again, unless x-should-retry forbids it', async () => {
    const client = fake.client({ maxRetries: 8 });
    assert.equal(
      (await client.chat.completions.create(ask('fail once'))).choices[0].message.content,
      'All is well.',
    );
    const [, took] = await timed(() =>
      assert.rejects(client.chat.completions.create(ask('fail and forbid retries'))),
    );
    assert.ok(took < 10_000, `${took} ms`); // eight pauses come to more than twenty seconds
  });
});
