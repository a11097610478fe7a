// Starts one of the fake providers on a free port, steers it by its /_fake paths, and receives its webhooks.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

// A year that is over, so that everything has arrived: nothing in it depends on the day of the test.
export const year = { begin: '2024-06-01', days: 365 };

export async function startFake(name, flags = []) {
  const program =
    process.env[`TRUNKLINE_FAKE_${name.toUpperCase()}`] ??
    fileURLToPath(new URL(`../../build/dev/src/trunkline-fake-${name}`, import.meta.url));
  const fixed = ['--begin', year.begin, '--days', String(year.days), '--calls', '400'];
  const child = spawn(program, [...fixed, ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
  const baseURL = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /^listening on (\S+)$/.exec(line);
      if (match) resolve(match[1]);
    });
  });
  const origin = new URL(baseURL).origin;
  const steer = async (method, path, body) => {
    const answer = await fetch(`${origin}/_fake/${path}`, {
      method,
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    baseURL,
    origin,
    fault: (fault) => steer('POST', 'faults', fault),
    calm: () => steer('DELETE', 'faults'),
    advance: (seconds) => steer('POST', 'clock', { advance_seconds: seconds }),
    truth: (what, query = '') => steer('GET', `truth/${what}?${query}`),
    sendWebhooks: (order) => steer('POST', 'webhooks', order),
    stop: () =>
      new Promise((resolve) => child.removeAllListeners('exit').on('exit', resolve) && child.stdin.end()),
  };
}

// Collects whatever is posted to it.
export async function startReceiver() {
  const received = [];
  const server = createServer((request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(pieces).toString('utf8') });
      response.end('ok');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    received,
    url: `http://127.0.0.1:${server.address().port}/hook`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
