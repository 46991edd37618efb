import { Secret } from '../core/secret.ts';

/**
 * The secrets taken out of the process environment, by the name of their variable, so that a later
 * load finds them again. Child processes and crash reports see the environment; they have no business with these.
 */
export class KeptSecrets {
  readonly #byName = new Map<string, Secret>();

  /** Moves the variables here. */
  take(environment: Record<string, string | undefined>, names: readonly string[]): void {
    for (const name of names) {
      const value = environment[name];
      // Without a value it was taken before.
      if (value !== undefined) this.#byName.set(name, new Secret(value));
      delete environment[name];
    }
  }

  get(name: string): Secret | null {
    return this.#byName.get(name) ?? null;
  }
}
