import { once } from 'node:events';
import { isatty } from 'node:tty';

import { type Keyboard, processKeyboard } from './run/keyboard.ts';

/** What a command sees of the process it runs in. */
export interface Terminal {
  /** Writes to standard output: data, and nothing else. */
  out(text: string): void;
  /** Resolves when the reader of standard output has room for more; left out where none can be slow. */
  readonly drained?: () => Promise<void>;
  /** Writes to standard error: whatever is said to a person on the side. */
  say(text: string): void;
  /** Whether a person reads standard output. */
  readonly interactive: boolean;
  /** How many characters a line of it holds; left out where nobody knows. */
  readonly columns?: number | undefined;
  /** The keys of a person at this process; left out where there is nobody to press one. */
  readonly keyboard?: Keyboard;
  readonly cwd: string;
  readonly environment: NodeJS.ProcessEnv;
  /** All of standard input as text. */
  readInput(): Promise<string>;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  // A reader that has seen enough (`candor trace … | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    out: (text) => void process.stdout.write(text),
    drained: async () => {
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
    },
    say: (text) => void process.stderr.write(text),
    interactive: process.stdout.isTTY,
    // Asked anew each time: windows change their size.
    get columns() {
      return process.stdout.columns;
    },
    ...(isatty(0) && isatty(1) ? { keyboard: processKeyboard() } : {}),
    cwd: process.cwd(),
    environment: process.env,
    readInput: async () => {
      let text = '';
      for await (const chunk of process.stdin.setEncoding('utf8')) text += String(chunk);
      return text;
    },
  };
}
