// Starts the fake OpenAI server on a free port and gives clients of the vendor's own library for it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';

const program =
  process.env.TRUNKLINE_FAKE_OPENAI ??
  fileURLToPath(new URL('../../../build/dev/src/trunkline-fake-openai', import.meta.url));

export async function startFake() {
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const baseURL = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^listening on (\S+)$/.exec(line);
      if (match) resolve(match[1]);
    });
  });
  return {
    baseURL,
    client: (options = {}) => new OpenAI({ apiKey: 'sk-fake', baseURL, maxRetries: 0, ...options }),
    stop: () =>
      new Promise((resolve) => child.removeAllListeners('exit').on('exit', resolve) && child.stdin.end()),
  };
}

// A request for the answer that the fake's script has for these words.
export function ask(words, more = {}) {
  return { model: 'gpt-4o-mini', messages: [{ role: 'user', content: words }], ...more };
}

export const orderStatus = {
  type: 'function',
  function: {
    name: 'order_status',
    description: 'Looks up the status of an order.',
    parameters: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] },
  },
};
