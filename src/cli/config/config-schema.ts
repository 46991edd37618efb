import { configSchema, type ConfigNames } from '../../config/schema/json-schema.ts';
import { loadConfigFile } from '../../config/load-file.ts';
import type { Registries } from '../../config/registries.ts';
import type { ExitCode } from '../command-error.ts';
import { CommandError } from '../command-error.ts';
import { findConfigFile } from './config-file.ts';
import type { Terminal } from '../terminal.ts';

export interface ConfigSchemaOptions {
  readonly config?: string;
  readonly static?: boolean;
}

/** `candor config schema`: the grammar of the config for editors, with the names that the config here defines. */
export async function runConfigSchema(options: ConfigSchemaOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.static === true && options.config !== undefined) {
    throw new CommandError(2, 'use one of --static and --config');
  }
  const file = options.static === true ? null : findConfigFile(terminal.cwd, options.config);
  const { createRegistries } = await import('../../gateway.ts');
  const registries = createRegistries();
  terminal.out(schemaText(registries, file === null ? null : await namesOf(file, registries, terminal)));
  return 0;
}

/** The schema as the text of a file. */
export function schemaText(registries: Registries, names: ConfigNames | null): string {
  const kinds = [...registries.providers.keys()];
  const validators = [...registries.validators.keys()];
  return `${JSON.stringify(configSchema({ kinds, validators, names }), null, 2)}\n`;
}

/** The names a config defines; `null`, said aloud, for one with errors. */
async function namesOf(file: string, registries: Registries, terminal: Terminal): Promise<ConfigNames | null> {
  const { environment, cwd } = terminal;
  const result = await loadConfigFile({
    mode: 'dev',
    file,
    environment,
    secretReferencesOnly: true,
    registries,
    cwd,
  });
  if (!result.ok) {
    terminal.say(`candor: ${file} has errors, so its names are not in the schema; see \`candor validate\`\n`);
    return null;
  }
  const { models, deployments, routes } = result.configuration;
  const providers = new Set([...deployments.values()].map(({ provider }) => provider));
  return {
    providers: [...providers],
    models: [...models.keys()],
    routes: [...routes.keys()],
    deployments: [...deployments.keys()],
  };
}
