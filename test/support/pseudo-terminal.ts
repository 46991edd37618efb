import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Whether this machine has `script` (util-linux) and bash: what a terminal is made of here. */
export const hasPseudoTerminal =
  process.platform === 'linux' &&
  spawnSync('script', ['--version'], { encoding: 'utf8' }).status === 0 &&
  spawnSync('bash', ['-c', 'command -v stty']).status === 0;

/** So that a test that waits in vain can still tell what it saw instead. */
const SHOWN_WITHIN_MS = 15_000;

/** A bash at a terminal of its own, with job control, whose keys a test presses. */
export interface PseudoTerminal {
  /** Types the text as a person would; a line ends with `\n`. */
  type(text: string): void;
  /** Resolves with what was shown up to and with the pattern, and takes it off. Fails when the shell ends first, or nothing of the kind comes. */
  shown(pattern: RegExp): Promise<string>;
  close(): Promise<void>;
}

/** Opens one in that folder. Close it at the end of the test. */
export function openPseudoTerminal(cwd: string, environment: NodeJS.ProcessEnv): PseudoTerminal {
  const child = spawn('script', ['-qfec', 'bash --norc --noprofile -i', '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'dumb', PS1: '$ ', ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let text = '';
  let ended = false;
  let look: () => void = () => undefined;
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    look();
  });
  child.on('exit', () => {
    ended = true;
    look();
  });
  // Whoever types into a terminal that has gone will see that it has.
  child.stdin.on('error', () => undefined);
  return {
    type: (keys) => void child.stdin.write(keys),
    shown: (pattern) =>
      new Promise((resolve, reject) => {
        const giveUp = (): void => reject(new Error(`${String(pattern)} was not shown: ${text}`));
        const deadline = setTimeout(giveUp, SHOWN_WITHIN_MS);
        look = () => {
          const match = pattern.exec(text);
          if (match === null && !ended) return;
          clearTimeout(deadline);
          look = () => undefined;
          if (match === null) return giveUp();
          const end = match.index + match[0].length;
          resolve(text.slice(0, end));
          text = text.slice(end);
        };
        look();
      }),
    async close() {
      // Not by SIGHUP: a job that is stopped would keep the terminal, and this test, for ever.
      if (!ended) child.kill('SIGKILL');
      await exited;
    },
  };
}
