import { readFileSync } from 'node:fs';

const CTRL_C = '\u0003';
const CTRL_Z = '\u001a';
const CTRL_BACKSLASH = '\u001c';

/** Keys, one at a time. */
export interface Keyboard {
  /** Hands over each key as it is pressed, unechoed, until the function it returns is called. That gives the terminal back as it was. */
  listen(onKey: (key: string) => void): () => void;
}

/** The part of the process that a keyboard needs. */
export interface KeyboardHost {
  readonly input: Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'removeListener' | 'pause' | 'resume'>;
  /** Whether this process may read from its terminal now, or is a job in the background. */
  inForeground(): boolean;
  /** Sends the signal to all processes of this job, as the terminal itself does for its keys. */
  signalJob(signal: NodeJS.Signals): void;
  on(event: 'SIGCONT', listener: () => void): unknown;
  removeListener(event: 'SIGCONT', listener: () => void): unknown;
}

/** The keyboard of this process's terminal. */
export function processKeyboard(): Keyboard {
  return createKeyboard({
    get input() {
      return process.stdin;
    },
    inForeground: isForegroundJob,
    signalJob: (signal) => process.kill(0, signal),
    on: (event, listener) => process.on(event, listener),
    removeListener: (event, listener) => process.removeListener(event, listener),
  });
}

/**
 * Keys by raw mode. The terminal then no longer turns Ctrl-C, Ctrl-\ and Ctrl-Z into signals, so that is done
 * here. A job in the background leaves the terminal alone: touching it would stop the job. However the process
 * ends, short of SIGKILL, Node gives the terminal back.
 */
export function createKeyboard(host: KeyboardHost): Keyboard {
  return {
    listen(onKey) {
      let raw = false;
      const take = (): void => {
        if (raw || !host.inForeground()) return;
        raw = true;
        host.input.setRawMode(true);
        host.input.on('data', read);
        host.input.resume();
      };
      const giveBack = (): void => {
        if (!raw) return;
        raw = false;
        host.input.removeListener('data', read);
        host.input.pause();
        host.input.setRawMode(false);
      };
      const read = (bytes: Buffer): void => {
        for (const key of bytes.toString('utf8')) {
          if (key === CTRL_C) host.signalJob('SIGINT');
          else if (key === CTRL_BACKSLASH) quit();
          else if (key === CTRL_Z) suspend();
          else onKey(key);
        }
      };
      const suspend = (): void => {
        giveBack();
        host.signalJob('SIGTSTP');
      };
      const quit = (): void => {
        giveBack();
        host.signalJob('SIGQUIT');
      };
      host.on('SIGCONT', take);
      take();
      return () => {
        host.removeListener('SIGCONT', take);
        giveBack();
      };
    },
  };
}

/** Whether the terminal belongs to this process's group (Linux: fields 5 and 8 of `/proc/self/stat`); elsewhere it is taken for granted. */
function isForegroundJob(): boolean {
  let stat: string;
  try {
    stat = readFileSync('/proc/self/stat', 'utf8');
  } catch {
    return true;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[2] === fields[5];
}
