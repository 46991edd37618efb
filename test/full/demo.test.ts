import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { compileOwnSources, compileSources, type CompiledSources } from '../support/compiled-sources.ts';

/** Each mechanism that the demo names, and the line without which there is none. */
const SABOTAGES: readonly (readonly [
  scene: string,
  mechanism: string,
  module: string,
  line: RegExp,
  without: string,
])[] = [
  [
    'malformed_json',
    'the schema of the route',
    'validation/validators/json-schema',
    /const reading = json\(\);/,
    "return { validator: ID, outcome: 'pass', reason: null };",
  ],
  ['malformed_json', 'repair', 'validation/run', /const repairs = .*;/, 'const repairs = false;'],
  ['malformed_json', 'asking again', 'pipeline/turns', /const isReask = .*;/, 'const isReask = false;'],
  ['peak_hour', 'objectives', 'routing/assess', /isMissed: objectives.some\(.*\)/, 'isMissed: false'],
  [
    'outage',
    'grounding of citations',
    'validation/validators/citations',
    /const missing = all\.filter\(.*\);/,
    'const missing = [];',
  ],
  ['outage', 'certificates', 'core/decision', /const holds = .*;/, "return 'cert_0';"],
  ['outage', 'templates', 'cli/demo/arm-config', /prompts: \.\/legal.*/, ''],
  ['outage', 'the brief of a fallback', 'prompts/adapt', /if \(brief !== null\)/, 'if (false)'],
  [
    'residency',
    'the refusal of words that are not built',
    'dialects/directives',
    /NOT_BUILT\.has\(name\) \|\| .*\) \{/,
    'false) {',
  ],
  ['who_answered', 'the texts of the record', 'pipeline/recorded-content', /sent: encoded\.body,/, 'sent: null,'],
];

let sources: CompiledSources;

interface Outcome {
  readonly code: number | null;
  readonly caught: Readonly<Record<string, boolean>>;
}

async function play(seed: number): Promise<Outcome> {
  const child = spawn(process.execPath, [sources.path('cli/main'), 'demo', '--json', '--seed', String(seed)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const [code] = (await once(child, 'close')) as [number | null];
  const { scenes } = JSON.parse(out) as { scenes: { key: string; caught: boolean }[] };
  return { code, caught: Object.fromEntries(scenes.map(({ key, caught }) => [key, caught])) };
}

describe('without a mechanism its scene fails, and so does the demo', () => {
  beforeEach(() => {
    sources = compileOwnSources();
  });
  afterEach(() => sources.remove());

  it.each(SABOTAGES)('%s: %s', async (scene, _mechanism, module, line, without) => {
    const path = sources.path(module);
    const whole = readFileSync(path, 'utf8');
    const broken = whole.replace(line, without);
    expect(broken).not.toBe(whole);
    writeFileSync(path, broken);
    const { code, caught } = await play(1);
    expect(caught[scene]).toBe(false);
    expect(code).toBe(1);
  });
}, 120_000);

describe('with other seeds', () => {
  beforeEach(() => {
    sources = compileSources();
  });

  it.each([2, 3, 4, 5, 6])('all five are caught: %i', async (seed) => {
    const { code, caught } = await play(seed);
    expect(Object.values(caught)).toEqual([true, true, true, true, true]);
    expect(code).toBe(0);
  });
}, 120_000);
