const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What asks the process to end: a signal, or a fault that nobody has caught. */
export type StopReason = NodeJS.Signals | 'fault';

/** Waits for the process to be asked to stop. */
export interface StopSignal {
  /** Resolves with the first reason. */
  readonly received: Promise<StopReason>;
  /** Resolves when a signal follows: whoever sent it does not want to wait any longer. */
  readonly again: Promise<void>;
  /** Gives signals and faults back their usual effect. */
  release(): void;
}

/**
 * Starts listening for Ctrl-C and its kin, and for faults. After a Ctrl-C, or a second signal, the
 * next one has its usual effect and ends the process at once.
 * @param onFault gets each fault, whatever has been asked before
 */
export function listenForStop(onFault: (error: unknown) => void): StopSignal {
  let receive: (reason: StopReason) => void = () => undefined;
  let hurry: () => void = () => undefined;
  let asked = false;
  const stop = (reason: StopReason): void => {
    asked = true;
    receive(reason);
  };
  const takeSignal = (signal: NodeJS.Signals): void => {
    if (asked) hurry();
    if (asked || signal === 'SIGINT') ignoreSignals();
    stop(signal);
  };
  // Node reports a rejection that nobody handles as an exception, too.
  const takeFault = (error: unknown): void => {
    onFault(error);
    stop('fault');
  };
  const ignoreSignals = (): void => {
    for (const signal of SIGNALS) process.removeListener(signal, takeSignal);
  };
  for (const signal of SIGNALS) process.on(signal, takeSignal);
  process.on('uncaughtException', takeFault);
  return {
    received: new Promise((resolve) => {
      receive = resolve;
    }),
    again: new Promise((resolve) => {
      hurry = resolve;
    }),
    release() {
      ignoreSignals();
      process.removeListener('uncaughtException', takeFault);
    },
  };
}
