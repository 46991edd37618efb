import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { runCandor } from './support/cli-run.ts';

const PAGE = readFileSync(join(import.meta.dirname, '..', 'docs', 'cli.md'), 'utf8');
const ROWS = PAGE.split('\n').filter((line) => line.startsWith('| `candor'));

/** The words of one command's help: its own commands, and its options. */
async function helpOf(
  path: readonly string[],
): Promise<{ readonly commands: readonly string[]; readonly options: readonly string[] }> {
  const { out } = await runCandor([...path, '--help'], { cwd: '/' });
  const list = /\nCommands:\n([^]*?)(?:\n\n|$)/.exec(out)?.[1] ?? '';
  const commands = [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map((match) => match[1] ?? '');
  const options = [...out.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map((match) => match[1] ?? '');
  return {
    commands: commands.filter((name) => name !== 'help'),
    options: options.filter((name) => name !== '--help' && name !== '--version'),
  };
}

it('docs/cli.md has every command with every option', async () => {
  const missing: string[] = [];
  const { commands } = await helpOf([]);
  expect(commands.length).toBeGreaterThan(20);
  for (const command of commands) {
    const rows = ROWS.filter((row) => new RegExp(`\\bcandor ${command}\\b`).test(row)).join('\n');
    const { commands: inner, options } = await helpOf([command]);
    const wanted = [...options];
    for (const name of inner)
      wanted.push(...(command === 'config' ? [name] : []), ...(await helpOf([command, name])).options);
    missing.push(...wanted.filter((word) => !rows.includes(word)).map((word) => `${command} ${word}`));
    if (rows === '') missing.push(command);
  }
  expect(missing).toEqual([]);
});
