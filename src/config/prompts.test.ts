import { describe, expect, test } from 'vitest';

import { createRegistries } from '../gateway.ts';
import type { PromptTemplate } from '../core/route.ts';
import type { ConfigReader } from './config-reader.ts';
import type { Diagnostic } from './diagnostic.ts';
import { loadConfiguration, type LoadResult } from './load.ts';

const registries = createRegistries();

/** A route over three models with these template files. */
function load(prompts: string, files: Readonly<Record<string, string>>): LoadResult {
  const config = `providers: { openai: { sim: true }, anthropic: { sim: true } }
models:
  gpt-4o: { at: openai }
  claude-opus: { at: anthropic, id: claude-opus-4-8 }
  claude-haiku: { at: anthropic, id: claude-haiku-4-5 }
routes:
  legal:
    try: [gpt-4o, claude-opus, claude-haiku]
    prompts: ${prompts}
    fallback: degraded
`;
  const texts: Readonly<Record<string, string>> = { 'candor.yaml': config, ...files };
  const reader: ConfigReader = {
    read: (name) => {
      const text = texts[name];
      return text === undefined ? { problem: 'does not exist', isMissing: true } : { text };
    },
  };
  return loadConfiguration({ mode: 'dev', file: 'candor.yaml', reader, environment: {}, registries, cwd: '/' });
}

function templates(prompts: string, files: Readonly<Record<string, string>>): readonly PromptTemplate[] {
  const result = load(prompts, files);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.configuration.routes.get('legal')?.prompts ?? [];
}

function problem(prompts: string, files: Readonly<Record<string, string>>): Diagnostic {
  const result = load(prompts, files);
  if (result.ok) throw new Error('it loads');
  expect(result.diagnostics).toHaveLength(1);
  return result.diagnostics[0] as Diagnostic;
}

describe('which file a model has', () => {
  const PATH = './prompts/legal.{model}.md';

  test('its own, else its family’s, else the default one', () => {
    const files = {
      'prompts/legal.claude-opus.md': 'Opus.',
      'prompts/legal.claude.md': 'Claude.',
      'prompts/legal.default.md': 'Anyone.',
    };
    const found = templates(PATH, files).map(({ model, file, template, at }) => [model, file, template, at]);
    expect(found).toEqual([
      ['gpt-4o', 'prompts/legal.default.md', 'Anyone.', 'candor.yaml:9'],
      ['claude-opus', 'prompts/legal.claude-opus.md', 'Opus.', 'candor.yaml:9'],
      ['claude-haiku', 'prompts/legal.claude.md', 'Claude.', 'candor.yaml:9'],
    ]);
  });

  test('one for all, where the path names no model', () => {
    expect(templates('./legal.md', { 'legal.md': 'All.' })).toMatchObject([{ model: null, template: 'All.' }]);
  });

  test('none is an error that names what was looked for', () => {
    const found = problem(PATH, { 'prompts/legal.claude.md': 'Claude.' });
    expect(found).toMatchObject({ code: 'unreadable-file', line: 9 });
    expect(found.message).toBe(
      'routes.legal.prompts has no file for gpt-4o: there is none of ./prompts/legal.gpt-4o.md, ./prompts/legal.gpt.md, ./prompts/legal.default.md',
    );
    expect(problem('./none.md', {}).message).toContain('the file ./none.md does not exist');
    expect(problem('"Be brief."', {})).toMatchObject({ code: 'invalid-prompts', line: 9 });
  });

  test('its text is part of what the configuration decides', () => {
    const hash = (text: string): string | null => {
      const result = load('./legal.md', { 'legal.md': text });
      return result.ok ? result.configuration.hash : null;
    };
    expect(hash('One.')).toBe(hash('One.'));
    expect(hash('One.')).not.toBe(hash('Another.'));
  });
});

describe('the parts of a file', () => {
  test('begin at their headings; the first needs none', () => {
    const text = `You advise.

--- context ---
{{ documents }}
--- Examples ---

input: One?
More.
output: Yes.
And no.
---  user  ---
{{ user }}
--- format ---
Plain text.
`;
    const [template] = templates('./legal.md', { 'legal.md': text });
    expect(template?.sections.map(({ kind, at }) => [kind, at])).toEqual([
      ['instruction', 'legal.md:1'],
      ['context', 'legal.md:3'],
      ['example', 'legal.md:5'],
      ['user', 'legal.md:11'],
      ['format', 'legal.md:13'],
    ]);
    const example = template?.sections.find((section) => section.kind === 'example');
    expect(example?.input.fill({}).text.trim()).toBe('One?\nMore.');
    expect(example?.output.fill({}).text.trim()).toBe('Yes.\nAnd no.');
  });

  test('a line across the page is text', () => {
    const [template] = templates('./legal.md', { 'legal.md': 'One.\n---\nTwo -- three.\n--------\n' });
    expect(template?.sections).toHaveLength(1);
  });

  test.each([
    ['One.\n--- contxt ---\nTwo.', 2, 'there is no part "contxt"', 'context'],
    ['One.\n\n{{ usr }}', 3, 'there is no `usr`', 'a template knows asked, model'],
    ['One.\n--- context ---\n\n{% if tags.a %}', 4, 'not closed', ''],
    ['--- context ---\n{% if user %}\n--- user ---\n{{ user }}{% endif %}', 2, 'not closed', ''],
    ['One.\n--- user ---\nQuestion?', 2, 'where the user’s text stands', 'write {{ user }}'],
    ['--- example ---\nOne.', 1, 'an input and an output', 'output: …'],
    ['--- example ---\ninput: a\noutput:\n', 1, 'an input and an output', ''],
    ['--- example ---\ninput: a\nb\noutput: c\n{{ user }}', 5, 'there is no `user`', 'an example knows model'],
    ['--- example ---\n\ninput: {{ documents }}\noutput: c', 3, 'there is no `documents`', ''],
    ['\n\n', 1, 'it is empty', ''],
    ['{{ documents[5].text }}', 1, 'undefined variable', ''],
    ['{{ tags }}', 1, 'name one of them', ''],
  ])('%j is an error in line %i', (text, line, message, help) => {
    const found = problem('./legal.md', { 'legal.md': text });
    expect(found).toMatchObject({ code: 'invalid-prompts', file: 'candor.yaml', line: 9 });
    expect(found.message).toContain(`routes.legal.prompts: legal.md:${line}: `);
    expect(found.message).toContain(message);
    expect(found.help).toContain(help);
  });
});
