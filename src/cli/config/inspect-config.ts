import { loadConfigFile } from '../../config/load-file.ts';
import type { LoadResult } from '../../config/load.ts';
import type { Terminal } from '../terminal.ts';

/**
 * A config for looking at, as the command that takes it would run it: `serve` with a file, `dev` without one.
 * Its secrets are the references to them, so that a missing one keeps nobody from looking.
 */
export async function inspectConfig(
  file: string | null,
  terminal: Terminal,
  stateDirectory: string | undefined,
): Promise<LoadResult> {
  const { createRegistries } = await import('../../gateway.ts');
  return await loadConfigFile({
    mode: file === null ? 'dev' : 'serve',
    file,
    environment: terminal.environment,
    registries: createRegistries(),
    secretReferencesOnly: true,
    allowSim: true,
    cwd: terminal.cwd,
    ...(stateDirectory === undefined ? {} : { stateDirectory }),
  });
}
