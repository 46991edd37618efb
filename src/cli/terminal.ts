/** What a command sees of the process it runs in. */
export interface Terminal {
  /** Writes to standard output: data, and nothing else. */
  out(text: string): void;
  /** Writes to standard error: whatever is said to a person on the side. */
  say(text: string): void;
  /** Whether a person reads standard output. */
  readonly interactive: boolean;
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
    say: (text) => void process.stderr.write(text),
    interactive: process.stdout.isTTY,
    cwd: process.cwd(),
    environment: process.env,
    readInput: async () => {
      let text = '';
      for await (const chunk of process.stdin.setEncoding('utf8')) text += String(chunk);
      return text;
    },
  };
}
