import { describe, expect, it } from 'vitest';

import { expectOneForm, formatted } from '../../../test/support/formatted-config.ts';
import { formatConfig } from './format.ts';

describe('any config, however untidy', () => {
  it('has one form, which says the same and keeps every comment', { timeout: 60_000 }, () => {
    expectOneForm({ configs: 60, seed: 20_261_122 });
  });
});

const TIDY = `# yaml-language-server: $schema=./candor.schema.json

providers: # where
  openai: { sim: true }
  # google comes later

models:
  # two of them
  gpt-4o: { at: openai } # first

  m2:
    at: [openai] # one place
    prompt:
      prepend: |
        # not a comment
          kept as it is
      append: >-
        text that was wrapped and stays so, however long it is and wherever the lines of it ended before somebody wrote
        it anew
    params: { temperature: 1.10, top_p: 0.5, user: "off", stop: ["a 'quoted' word", 'a "quoted" word'] }

# what clients ask for
routes:
  long:
    # too much for one line
    try:
      - { model: openai/a-model-with-a-long-name } # why
      - openai/another-model-with-a-long-name
    timeout: { connect: 5s, first_byte: 20s, first_token: 10s, idle: 30s, total: 60s }

# the end
`;

const UNTIDY = `# yaml-language-server: $schema=./candor.schema.json
# what clients ask for
routes:
   long: { timeout: {total: 60s, connect: 5s, idle: 30s, first_byte: 20s, first_token: 10s}, # when
           try: [ {model: 'openai/one-model'} , openai/another ] } # both
models: &all
   gpt-4o: {at: openai}
providers:

   openai: {sim: true, kind: 'openai'}
`;

describe('the canonical form', () => {
  it('is the same for what has it', () => {
    expect(formatted(TIDY)).toBe(TIDY);
  });

  it('has sections and words in their order, with the comments that belong to them', () => {
    expect(formatted(UNTIDY)).toBe(`# yaml-language-server: $schema=./candor.schema.json

providers:
  openai: { kind: "openai", sim: true }

models: &all
  gpt-4o: { at: openai }

# what clients ask for
routes:
  long: # both
    try: [{ model: "openai/one-model" }, openai/another]
    timeout: { connect: 5s, first_byte: 20s, first_token: 10s, idle: 30s, total: 60s } # when
`);
  });

  it('is found at once where comments stand between braces', () => {
    const text =
      'providers:\n  openai:\n    { sim:\n        true # 9\n        # 10\n      , # 11\n      # 12\n    } # 13\n  # 14\n# 15\nmodels: {}\n';
    expect(formatted(formatted(text))).toBe(formatted(text));
  });

  it('leaves the order alone where aliases depend on it', () => {
    const text = 'routes:\n  a: &one { try: [m] }\n  b: *one\nmodels: { m: { at: openai } }\n';
    expect(formatted(text)).toBe(text.replace('\nmodels', '\n\nmodels'));
  });

  it('leaves the order of what is sent on alone', () => {
    const schema = '{ json_schema: { required: [b], properties: { b: {}, a: {} }, type: object } }';
    expect(formatted(`routes: { r: { validate: [${schema}] } }\n`)).toContain(schema);
  });

  it.each(['models: {', 'a: 1\na: 2\n', 'a: 1\n---\nb: 2\n'])('is not to be had for %j', (text) => {
    expect(formatConfig(text)).toEqual({ ok: false, reason: 'it is not YAML' });
  });

  it.each(['', '# only a comment\n', '[1, 2]\n', 'text\n'])('is the text itself for %j', (text) => {
    expect(formatted(text).trim()).toBe(text.trim());
  });
});
