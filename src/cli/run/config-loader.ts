import { KeptSecrets } from '../../config/kept-secrets.ts';
import { loadConfigFile } from '../../config/load-file.ts';
import type { LoadedConfiguration, LoadOptions, LoadResult } from '../../config/load.ts';

/** Reads the configuration of one process, now and later: what an earlier load took from the environment is not lost. */
export class ConfigLoader {
  readonly #options: Omit<LoadOptions, 'environment' | 'keptSecrets'>;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #kept = new KeptSecrets();

  constructor(options: Omit<LoadOptions, 'environment' | 'keptSecrets'>, environment: NodeJS.ProcessEnv) {
    this.#options = options;
    this.#environment = environment;
  }

  load(): Promise<LoadResult> {
    return loadConfigFile({ ...this.#options, environment: this.#environment, keptSecrets: this.#kept });
  }

  /** The values behind its variables, for a process that is to load it too. */
  secretsOf({ secretVariables }: LoadedConfiguration): Readonly<Record<string, string>> {
    const values = secretVariables.map((name) => [
      name,
      this.#environment[name] ?? this.#kept.get(name)?.reveal() ?? '',
    ]);
    return Object.fromEntries(values) as Readonly<Record<string, string>>;
  }

  /** Says that this configuration takes effect: its secrets leave the environment. */
  settle({ secretVariables }: LoadedConfiguration): void {
    this.#kept.take(this.#environment, secretVariables);
  }
}
