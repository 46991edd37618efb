import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { jsonOnLines } from './layout.ts';
import { literalLines, pathKey, spreadKey } from './literal-lines.ts';

const SOURCE = `// a comment with export default {
import { defineConfig } from 'candor';
const text = \`\${1} {\`;
export default defineConfig({
  ...base,
  models: {
    'gpt-4o': { at: 'openai' }, /* { */ "m2": {
      at: [
        'openai',
        { provider: 'b' },
      ],
      id: pick({ a: 1 }, [2]),
    },
  },
  routes: { legal: { try: ['m2', ...more, 'x'] } } satisfies object,
  hooks: { task() { return { models: 1 }; }, url: /[{}]/.source },
});
`;

describe('the lines of an exported literal', () => {
  it.each<readonly [string, readonly (string | number)[], number | undefined]>([
    ['the literal itself', [], 4],
    ['a section', ['models'], 6],
    ['a name in quotes', ['models', 'gpt-4o'], 7],
    ['a second entry of a line', ['models', 'm2'], 7],
    ['an entry of a list', ['models', 'm2', 'at', 1], 10],
    ['a word of an entry', ['models', 'm2', 'at', 1, 'provider'], 10],
    ['a word whose value is computed', ['models', 'm2', 'id'], 12],
    ['an entry before a spread', ['routes', 'legal', 'try', 0], 15],
    ['nothing after a spread, which moves the numbers', ['routes', 'legal', 'try', 1], undefined],
    ['what follows a method', ['hooks', 'url'], 16],
    ['nothing inside a method', ['hooks', 'task'], undefined],
  ])('know %s', (_, path, line) => {
    expect(literalLines(SOURCE).get(pathKey(path))).toBe(line);
  });

  it('know where something is spread in', () => {
    expect(literalLines(SOURCE).get(spreadKey([]))).toBe(5);
  });

  it('are found through a constant, and not at all where nothing is to be seen', () => {
    const named = 'const config = {\n  models: {},\n};\nexport default config;\n';
    expect(literalLines(named).get(pathKey(['models']))).toBe(2);
    expect(literalLines('export default make();\n').get(pathKey(['models']))).toBeUndefined();
  });

  it('end with any text, however broken', () => {
    const piece = fc.constantFrom(
      'export default ',
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      ',',
      ':',
      'a',
      "'b'",
      '`',
      '...',
      '"',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(literalLines(pieces.join('')).size).toBeGreaterThan(0);
      }),
    );
  });
});

describe('JSON on the lines of a source', () => {
  it('stands where the source has it, and says the same', () => {
    const value = { models: { m2: { at: ['openai', { provider: 'b' }], id: 'x' } }, server: {} };
    const text = jsonOnLines(value, literalLines(SOURCE));
    expect(JSON.parse(text)).toEqual(value);
    const lines = text.split('\n');
    expect(lines[5]).toContain('"models"');
    expect(lines[8]).toContain('"openai"');
    expect(lines[9]).toContain('"provider": "b"');
  });

  it('is the same value for any JSON and any lines', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.dictionary(fc.string(), fc.nat(50)), (value, lines) => {
        const text = jsonOnLines(value, new Map(Object.entries(lines)));
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
