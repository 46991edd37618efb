import { spawnSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import { runCandor } from '../../../test/support/cli-run.ts';

const hasBash = spawnSync('bash', ['-c', 'type complete compgen']).status === 0;

async function script(shell: string): Promise<string> {
  return (await runCandor(['completion', shell], { cwd: '/' })).out;
}

describe.skipIf(!hasBash)('bash', () => {
  /** What bash offers for the line, whose last word is under the cursor; asked as bash itself asks. */
  async function offered(line: string): Promise<readonly string[]> {
    const words = line.split(' ');
    const ask = `
      function candor() { :; }
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
      function_name=$(complete -p candor | sed 's/.*-F \\([^ ]*\\).*/\\1/')
      "$function_name" candor '${words.at(-1) ?? ''}' '${words.at(-2) ?? ''}'
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const result = spawnSync('bash', ['--norc', '-euc', `${await script('bash')}\n${ask}`], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
    });
    expect(result.stderr).toBe('');
    return result.stdout.split('\n').filter((word) => word !== '');
  }

  it('completes commands, their options, and the words these take', async () => {
    expect(await offered('candor do')).toEqual(['doctor']);
    expect(await offered('candor ')).toEqual(expect.arrayContaining(['dev', 'tail', 'trace', 'help', '--version']));
    expect(await offered('candor tail --f')).toEqual(['--fallback']);
    expect(await offered('candor tail --status ')).toEqual(['complete', 'failed', 'cancelled', 'interrupted']);
    expect(await offered('candor usage --by da')).toEqual(['day']);
    expect(await offered('candor completion ')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
    expect(await offered('candor tail --route ')).toEqual([]);
  });

  it('completes the verbs of a command, and what follows them', async () => {
    expect(await offered('candor sim out')).toEqual(['outage']);
    expect(await offered('candor sim outage openai --st')).toEqual(['--status']);
    expect(await offered('candor sim outage openai --f')).toEqual(['--for']);
  });

  it('completes files and folders where they belong', async () => {
    expect(await offered('candor dev --config completion.t')).toEqual(['completion.test.ts', 'completion.ts']);
    expect(await offered('candor dev --state do')).toEqual(['doctor']);
  });

  it('is a script that bash can read', async () => {
    expect(spawnSync('bash', ['-n'], { input: await script('bash') }).status).toBe(0);
  });
});

it.each(['bash', 'zsh', 'fish'])('%s knows every command', async (shell) => {
  const text = await script(shell);
  const { out: help } = await runCandor(['--help'], { cwd: '/' });
  const list = help.slice(0, help.indexOf('Examples:'));
  const commands = [...list.matchAll(/^ {2}([a-z]+)(?= [[<]| {2})/gm)].map((match) => match[1] ?? '');
  expect(commands.length).toBeGreaterThan(15);
  for (const command of commands) expect(text).toMatch(new RegExp(`[ "']${command}[ "')]`));
});

it('quotes descriptions for fish', async () => {
  expect(await script('fish')).toContain("-l asked -d 'print the client\\'s exact text'");
});

it('knows three shells', async () => {
  expect(await runCandor(['completion', 'tcsh'], { cwd: '/' })).toMatchObject({ exitCode: 2, out: '' });
});
