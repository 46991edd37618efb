import { expect, it } from 'vitest';

import { devKeyboard } from './dev-keys.ts';
import type { Terminal } from '../terminal.ts';

const keyboard = { listen: () => () => undefined };
const terminal: Terminal = {
  out: () => undefined,
  say: () => undefined,
  interactive: true,
  keyboard,
  cwd: '/',
  environment: {},
  readInput: () => Promise.resolve(''),
};

it('has keys for a person at a terminal only', () => {
  expect(devKeyboard(terminal)).toBe(keyboard);
  expect(devKeyboard({ ...terminal, environment: { CI: '' } })).toBe(keyboard);
  expect(devKeyboard({ ...terminal, environment: { CI: 'true' } })).toBeNull();
  expect(devKeyboard({ ...terminal, interactive: false })).toBeNull();
  const { keyboard: _none, ...unmanned } = terminal;
  expect(devKeyboard(unmanned)).toBeNull();
});
