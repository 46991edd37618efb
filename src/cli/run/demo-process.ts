import { type ChildProcess, spawn } from 'node:child_process';

/** `candor demo` in a process of its own, so that a gateway that runs goes on undisturbed. */
export class DemoProcess {
  #child: ChildProcess | null = null;

  /** @returns whether it has begun: one runs at a time */
  start(): boolean {
    if (this.#child !== null) return false;
    const child = spawn(process.execPath, [process.argv[1] ?? '', 'demo'], { stdio: ['ignore', 'inherit', 'inherit'] });
    const forget = (): void => {
      this.#child = null;
    };
    child.once('error', forget);
    child.once('exit', forget);
    this.#child = child;
    return true;
  }

  /** Ends it, where it runs. */
  stop(): void {
    this.#child?.kill('SIGTERM');
  }
}
