import { closeSync, openSync } from 'node:fs';

/** What SIGHUP does: reload, and end the process only when the terminal it belongs to has gone. */
export interface HangupSignal {
  /** From now on a signal calls this; those before it are ignored. */
  handle(onHangup: () => void): void;
  /** Gives the signal back its usual effect. */
  release(): void;
}

/** Starts listening for SIGHUP. */
export function listenForHangup(): HangupSignal {
  const hadTerminal = hasTerminal();
  let onHangup = (): void => undefined;
  const handler = (): void => {
    // A closed window sends the same signal as an operator does; nobody wants a gateway left behind by it.
    if (hadTerminal && !hasTerminal()) process.kill(process.pid, 'SIGTERM');
    else onHangup();
  };
  process.on('SIGHUP', handler);
  return {
    handle(callback) {
      onHangup = callback;
    },
    release: () => void process.removeListener('SIGHUP', handler),
  };
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
