import { describe, expect, it } from 'vitest';
import { docBlocks, jsonShape, npmCommands } from './doc-blocks.ts';

describe('docBlocks', () => {
  it('finds language, text and line', () => {
    const page = [
      '# A',
      '```sh',
      'one',
      '',
      'two',
      '```',
      'text `code`',
      '````ts',
      '```',
      '````',
      '```',
      'x',
      '```',
    ].join('\n');
    expect(docBlocks(page)).toEqual([
      { language: 'sh', text: 'one\n\ntwo', line: 2 },
      { language: 'ts', text: '```', line: 8 },
      { language: '', text: 'x', line: 11 },
    ]);
  });

  it('does not let an unclosed block hide the rest of a page', () => {
    expect(() => docBlocks('a\n```sh\nrm x')).toThrow('the block opened in line 2 is never closed');
  });
});

describe('npmCommands', () => {
  it('names the npm commands of a block', () => {
    expect(npmCommands('npm install && npm start')).toEqual(['install', 'start']);
    expect(npmCommands('npm run test:full')).toEqual(['test:full']);
    expect(npmCommands('npx candor sim reset\ncurl -s http://127.0.0.1:4141/healthz')).toEqual([]);
  });
});

describe('jsonShape', () => {
  it('compares members and types, not values or lengths', () => {
    const printed = { id: 'a', usage: { cost: 1 }, attempts: [{ ms: 1 }], fallback: null };
    expect(jsonShape({ id: 'b', usage: { cost: 2 }, attempts: [{ ms: 3 }, { ms: 4 }], fallback: null })).toEqual(
      jsonShape(printed),
    );
    expect(jsonShape({ ...printed, fallback: {} })).not.toEqual(jsonShape(printed));
    expect(jsonShape({ ...printed, more: 1 })).not.toEqual(jsonShape(printed));
    expect(jsonShape({ ...printed, id: 1 })).not.toEqual(jsonShape(printed));
    expect(jsonShape({ ...printed, attempts: [{ ms: 1, cost: 0 }] })).not.toEqual(jsonShape(printed));
  });
});
