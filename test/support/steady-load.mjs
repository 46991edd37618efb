// Clients that ask at a steady rate, whatever the answers take: every second question for a stream. Usage: node
// steady-load.mjs '{"url","perSecond","seconds","concurrent"}'; with `concurrent`, so many at once before it begins,
// which warms the gateway up. Prints one line of JSON: {answered, failed, p50, p99,
// usualP99} in milliseconds; the last is the median of the p99 of each second.
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const { url, perSecond, seconds, concurrent = 0 } = JSON.parse(process.argv[2] ?? '{}');
const { hostname, port } = new URL(url);
const agent = new Agent({ keepAlive: true });
const bodies = [false, true].map((stream) =>
  JSON.stringify({ model: 'deepseek-chat', stream, messages: [{ role: 'user', content: 'Hello' }] }),
);
/** When each was asked, and how long its answer took to begin. */
const asks = [];
let failed = 0;

/** Asks once; resolves when the answer has been read. */
function ask(index) {
  const body = bodies[index % bodies.length];
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const askedAt = performance.now();
  return new Promise((resolve) => {
    const failing = () => {
      failed++;
      resolve();
    };
    const asking = request(
      { hostname, port, path: '/v1/chat/completions', method: 'POST', agent, headers },
      (response) => {
        let text = '';
        let ms = 0;
        response.on('data', (bytes) => {
          if (text === '') ms = performance.now() - askedAt;
          text += bytes.latin1Slice();
        });
        response.on('error', failing);
        response.on('end', () => {
          if (response.statusCode !== 200 || !(text.endsWith('[DONE]\n\n') || text.startsWith('{'))) return failing();
          asks.push({ askedAt, ms });
          resolve();
        });
      },
    );
    asking.on('error', failing);
    asking.end(body);
  });
}

for (let round = 0; round < 4 && concurrent > 0; round++) {
  await Promise.all(Array.from({ length: concurrent }, (_, index) => ask(index)));
}
asks.length = 0;
const startedAt = performance.now();
const asked = [];
for (let index = 0; index < perSecond * seconds; index++) {
  const waitMs = startedAt + (index * 1000) / perSecond - performance.now();
  if (waitMs > 0) await delay(waitMs);
  asked.push(ask(index));
}
await Promise.all(asked);
agent.destroy();

const quantile = (list, share) =>
  list.sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];
const all = asks.map(({ ms }) => ms);
const bySecond = Array.from({ length: Math.ceil(seconds) }, () => []);
for (const { askedAt, ms } of asks)
  bySecond[Math.min(bySecond.length - 1, Math.floor((askedAt - startedAt) / 1000))].push(ms);
const p99s = bySecond.filter((list) => list.length > 0).map((list) => quantile(list, 0.99));
process.stdout.write(
  JSON.stringify({
    answered: all.length,
    failed,
    p50: quantile(all, 0.5),
    p99: quantile(all, 0.99),
    usualP99: quantile(p99s, 0.5),
  }),
);
