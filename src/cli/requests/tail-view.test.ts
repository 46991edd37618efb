import { expect, it } from 'vitest';

import { GENERATIONS } from '../../../test/support/cli-generations.ts';
import { coloursOf } from '../colours.ts';
import { tailHeader, tailRow, type TailStyle } from './tail-view.ts';

const ENDED = GENERATIONS.filter((generation) => generation['status'] !== 'running').toReversed();
const PLAIN: TailStyle = {
  width: null,
  colours: coloursOf({ interactive: false, environment: {} }),
  links: false,
  timeZone: 'UTC',
};

function table(style: TailStyle): string {
  return tailHeader(style) + ENDED.map((generation) => tailRow(generation, style)).join('');
}

it.each([null, 160, 100, 80])('shows who answered, at %s characters', async (width) => {
  await expect(table({ ...PLAIN, width })).toMatchFileSnapshot(`../../../test/goldens/tail-${width ?? 'wide'}.txt`);
});

it.each([80, 92, 100, 120, 140, 180])('fits rows into %d characters', (width) => {
  const rows = table({ ...PLAIN, width })
    .split('\n')
    .filter((line) => /^ (?:\d\d:|time)/.test(line));
  expect(rows).toHaveLength(ENDED.length + 1);
  expect(Math.max(...rows.map((row) => Array.from(row).length))).toBeLessThanOrEqual(width);
});

it('links ids to their pages and colours what is not as it should be', () => {
  const [first, second] = ENDED;
  const style = { ...PLAIN, colours: coloursOf({ interactive: true, environment: {} }), links: true };
  expect(tailRow(first!, style)).toContain(
    '\u001b]8;;http://127.0.0.1:4141/r/gen_01M82000000000000000000001\u0007gen_01M82000000000000000000001\u001b]8;;\u0007',
  );
  expect(tailRow(second!, style)).toContain('\u001b[33mFALLBACK');
  expect(tailRow({ ...first!, trace: 'javascript:x\u0007' }, style)).not.toContain('\u001b]8');
});

it('has no colours where they are not wanted', () => {
  for (const environment of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    expect(coloursOf({ interactive: true, environment }).red('x')).toBe('x');
  }
  expect(coloursOf({ interactive: false, environment: {} }).red('x')).toBe('x');
  expect(coloursOf({ interactive: true, environment: { NO_COLOR: '' } }).red('x')).toBe('\u001b[31mx\u001b[0m');
});
