const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Waits for the process to be asked to stop. */
export interface StopSignal {
  /** Resolves with the first signal. */
  readonly received: Promise<NodeJS.Signals>;
  /** Gives the signals back their usual effect, so that a second Ctrl-C ends the process at once. */
  release(): void;
}

/** Starts listening for Ctrl-C and its kin. */
export function listenForStop(): StopSignal {
  let resolve: (signal: NodeJS.Signals) => void = () => undefined;
  const received = new Promise<NodeJS.Signals>((settle) => {
    resolve = settle;
  });
  const handler = (signal: NodeJS.Signals): void => {
    release();
    resolve(signal);
  };
  const release = (): void => {
    for (const signal of SIGNALS) process.removeListener(signal, handler);
  };
  for (const signal of SIGNALS) process.on(signal, handler);
  return { received, release };
}
