import type { GenerationRecord } from '../../../src/core/record.ts';
import { seededRandom } from '../ledger-image.ts';
import { turns } from '../manual-clock.ts';
import { flawsOf, type Answered } from './flaws-of-answer.ts';
import { ASKED, openWorld, type World } from './world.ts';

/**
 * Lets random requests meet random faults, some of them in one another's way, some given up by their client.
 * @param onAnswer called with each answer that came
 * @returns each flaw with the schedule it was found in
 */
export async function runSchedules(
  count: number,
  seed: number,
  onAnswer: (answered: Answered) => void = () => undefined,
): Promise<readonly string[]> {
  const random = seededRandom(seed);
  const world = await openWorld(random);
  const flaws: string[] = [];
  try {
    for (let schedule = 0; schedule < count; schedule++) {
      world.change(random);
      const asked = Array.from({ length: 1 + Math.floor(random() * 4) }, () => ask(world, random));
      const told = await world.clock.passUntil(Promise.all(asked));
      await settled(world);
      const found: string[] = [];
      for (const each of told) {
        if (each === null) continue;
        // Read while the clock stands still: a disk may take longer than years of it.
        const answered = { ...each, record: await recordOf(world.gateway.url, each.headers.get('x-request-id') ?? '') };
        onAnswer(answered);
        found.push(...flawsOf(answered).map((flaw) => withAttempts(flaw, answered)));
      }
      found.push(...flawsOfHeld(world));
      flaws.push(...found.map((flaw) => `${schedule}: ${flaw}`));
      world.clock.advance(Math.floor(random() * 8000));
    }
    flaws.push(...(await flawsOfRecovery(world)));
  } finally {
    await world.close();
  }
  return flaws;
}

function withAttempts(flaw: string, { asked, record }: Answered): string {
  const attempts = record.attempts.map(({ deployment, kind, cost }) => `${deployment} ${kind} ${cost}`);
  return `${flaw} (${asked}: ${attempts.join(', ')}; ${record.error?.code ?? record.status})`;
}

/** Waits until nobody is under way, which a request whose client has gone may still be. */
async function settled({ held, clock }: World): Promise<void> {
  while (held.requests > 0) {
    clock.advance(20);
    await turns(1);
  }
}

/** The answer; `null` where the client gave up. */
async function ask({ gateway, clock }: World, random: () => number): Promise<Omit<Answered, 'record'> | null> {
  const asked = ASKED[Math.floor(random() * ASKED.length)] ?? 'ordered';
  const stream = random() < 0.5;
  const maxCostUsd = random() < 0.15 ? ([0.00013, 0.00025, 0.001][Math.floor(random() * 3)] ?? null) : null;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (maxCostUsd !== null) headers['x-candor-max-cost-usd'] = String(maxCostUsd);
  if (random() < 0.1) headers['x-candor-fallback'] = 'off';
  if (random() < 0.1) headers['x-candor-timeout-ms'] = String(1 + Math.floor(random() * 3000));
  const messages = [{ role: 'user', content: 'Hello' }];
  const leaving = new AbortController();
  if (random() < 0.08) clock.setTimer(random() * 800, () => leaving.abort());
  try {
    const body = JSON.stringify({ model: asked, stream, max_tokens: 10, messages });
    const { signal } = leaving;
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body, signal });
    const text = await response.text();
    return { asked, stream, maxCostUsd, status: response.status, headers: response.headers, body: text };
  } catch (error) {
    if (leaving.signal.aborted) return null;
    throw error;
  }
}

async function recordOf(url: string, id: string): Promise<GenerationRecord> {
  const response = await fetch(`${url}/v1/generations/${id}`);
  if (response.status !== 200) throw new Error(`no record ${id}: ${response.status}`);
  return (await response.json()) as GenerationRecord;
}

/** What was not given back, although nobody is under way. */
function flawsOfHeld({ held }: World): readonly string[] {
  const flaws: string[] = [];
  if (held.attempts !== 0) flaws.push(`${held.attempts} attempts are under way for ever`);
  if (held.retries !== 0) flaws.push(`${held.retries} retries were never given back`);
  for (const [id, finals] of held.finals) if (finals !== 1) flaws.push(`${finals} final records of ${id}`);
  held.finals.clear();
  return flaws;
}

/** When all are well again, each of them must be asked again. */
async function flawsOfRecovery(world: World): Promise<readonly string[]> {
  const { gateway, clock } = world;
  world.heal();
  const flaws: string[] = [];
  // The longest a vendor can ask to be left alone.
  clock.advance(300_000);
  for (const model of ['first', 'one/spread', 'two/spread', 'second', 'third']) {
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
    const headers = { 'content-type': 'application/json' };
    const asking = fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body });
    const response = await clock.passUntil(asking.then((each) => each.text().then(() => each)));
    if (response.status !== 200) flaws.push(`${model} is not asked again: ${response.status}`);
  }
  return flaws;
}
