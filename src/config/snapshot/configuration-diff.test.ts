import { expect, test } from 'vitest';

import { createRegistries } from '../../gateway.ts';
import type { Configuration } from '../../core/route.ts';
import { configurationDiff } from './configuration-diff.ts';
import { loadConfiguration } from '../load.ts';

const BASE = `providers:
  openai: { key: "env:A" }
  azure: { kind: openai, url: "https://a.example/v1", key: "env:A", region: eu }
  anthropic: { sim: true }
models:
  gpt-4o: { at: [openai, azure], price: { in: 2.5, out: 10, as_of: 2026-11-01 } }
  claude-opus: { at: anthropic, id: claude-opus-4-8, prompt: { append: "Be short." } }
routes:
  legal:
    try: [gpt-4o, claude-opus]
    params: { temperature: { max: 0.3 }, max_tokens: 100 }
    validate: [truncation, { json_schema: { type: object, properties: { total: { type: number } } } }]
    timeout: 30s
`;

function load(text: string): Configuration {
  const result = loadConfiguration({
    mode: 'dev',
    file: 'candor.yaml',
    reader: { read: () => ({ text }) },
    environment: { A: 'sk-a', B: 'sk-b' },
    registries: createRegistries(),
    cwd: '/',
  });
  if (!result.ok) throw new Error(result.diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
  return result.configuration;
}

/** What one replacement in the text comes to, as `path: from → to`. */
function diffOf(from: string, to: string): readonly string[] {
  expect(BASE).toContain(from);
  const [before, after] = [load(BASE), load(BASE.replace(from, to))];
  const diff = configurationDiff(before, after);
  const isSecret = diff.some((change) => change.path.endsWith('.key'));
  // Whatever gives another hash is told, and nothing else is, save that a secret is another one.
  expect(diff.length > 0).toBe(before.hash !== after.hash || isSecret);
  return diff.map((change) => `${change.path}: ${JSON.stringify(change.from)} → ${JSON.stringify(change.to)}`);
}

test.each([
  [
    '[gpt-4o, claude-opus]',
    '[claude-opus, gpt-4o]',
    'routes.legal.try: ["gpt-4o","claude-opus"] → ["claude-opus","gpt-4o"]',
  ],
  ['[gpt-4o, claude-opus]', '[azure/gpt-4o]', 'routes.legal.try: ["gpt-4o","claude-opus"] → ["azure/gpt-4o"]'],
  ['[openai, azure]', '[azure, openai]', 'models.gpt-4o.at: ["openai","azure"] → ["azure","openai"]'],
  ['{ max: 0.3 }', '{ max: 0.5 }', 'routes.legal.params.temperature.max: 0.3 → 0.5'],
  ['max_tokens: 100', 'max_tokens: { set: 100 }', 'routes.legal.params.max_tokens: 100 → {"set":100}'],
  [', max_tokens: 100', '', 'routes.legal.params.max_tokens: 100 → null'],
  [
    '{ type: number }',
    '{ type: string }',
    'routes.legal.validate[1].json_schema.properties.total.type: "number" → "string"',
  ],
  ['total: { type', 'other: {}, total: { type', 'routes.legal.validate[1].json_schema.properties.other: null → {}'],
  ['in: 2.5', 'in: 3', 'models.gpt-4o.price.in: 2.5 → 3'],
  ['Be short.', 'Be long.', 'models.claude-opus.prompt.append: "Be short." → "Be long."'],
  [', region: eu', '', 'providers.azure.region: "eu" → null'],
  [
    '"https://a.example/v1"',
    '"https://b.example/v1"',
    'providers.azure.url: "https://a.example/v1" → "https://b.example/v1"',
  ],
  ['    timeout: 30s', '    fallback: off\n    timeout: 30s', 'routes.legal.fallback: "degraded" → "off"'],
  ['    timeout: 30s', '    brief: off\n    timeout: 30s', 'routes.legal.brief: "default" → "off"'],
  ['    timeout: 30s', '    pick: cheapest\n    timeout: 30s', 'routes.legal.pick: "ordered" → "cheapest"'],
  ['    timeout: 30s', '    slo: { error_rate: 2% }\n    timeout: 30s', 'routes.legal.slo: null → {"error_rate":0.02}'],
  [
    '    timeout: 30s',
    '    slo: { cost_per_request: $0.02 }\n    timeout: 30s',
    'routes.legal.slo: null → {"cost_per_request":0.02}',
  ],
  ['    timeout: 30s', '    slo_policy: fail\n    timeout: 30s', 'routes.legal.slo_policy: "best_effort" → "fail"'],
  ['    timeout: 30s', '    retries: 2\n    timeout: 30s', 'routes.legal.retries: 0 → 2'],
  [
    '    timeout: 30s',
    '    stream: { window: 400ms }\n    timeout: 30s',
    'routes.legal.stream: "hold" → {"window":"400ms"}',
  ],
  [
    '[gpt-4o, claude-opus]',
    '[openai/gpt-4o, azure/gpt-4o, claude-opus]',
    'routes.legal.try: ["gpt-4o","claude-opus"] → ["openai/gpt-4o","azure/gpt-4o","claude-opus"]',
  ],
  [
    'routes:\n',
    'rules: [{ when: stream, route: legal }]\nroutes:\n',
    'rules: null → [{"when":"stream","route":"legal"}]',
  ],
  ['{ key: "env:A" }', '{ key: ["env:A", "env:B"] }', 'providers.openai.key: "[secret]" → ["[secret]","[secret]"]'],
  ['{ key: "env:A" }', '{ key: "env:B" }', 'providers.openai.key: "[secret]" → "[secret]"'],
])('%s → %s', (from, to, expected) => {
  expect(diffOf(from, to)).toEqual([expected]);
});

test('weights are told beside the models they are given to', () => {
  const weighed = '[{ model: gpt-4o, weight: 2 }, claude-opus]\n    pick: weighted';
  expect(diffOf('[gpt-4o, claude-opus]', weighed)).toEqual([
    'routes.legal.try: ["gpt-4o","claude-opus"] → [{"model":"gpt-4o","weight":2},"claude-opus"]',
    'routes.legal.pick: "ordered" → "weighted"',
  ]);
});

test('a time limit changes the timers it sets', () => {
  expect(diffOf('timeout: 30s', 'timeout: 90s')).toEqual([
    'routes.legal.timeout.total: "30s" → "90s"',
    'routes.legal.timeout.total_stream: "30s" → "90s"',
  ]);
});

test('a route of its own is told as a whole', () => {
  const [line = '', ...others] = diffOf('routes:\n', 'routes:\n  short: { try: [claude-opus] }\n');
  expect(others).toEqual([]);
  expect(line).toMatch(/^routes\.short: null → \{"try":\["claude-opus"\],/);
});

test.each([
  ['providers:', '# a comment\n\nproviders:'],
  ['  openai: { key: "env:A" }\n', ''],
])('layout and order are no difference: %j', (from, to) => {
  const moved = to === '' ? BASE.replace(from, '').replace('models:', `${from}models:`) : BASE.replace(from, to);
  expect(configurationDiff(load(BASE), load(moved))).toEqual([]);
});
