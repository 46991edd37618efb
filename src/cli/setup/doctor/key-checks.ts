import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Configuration } from '../../../core/route.ts';
import { Secret } from '../../../core/secret.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

/** Where keys are looked for. */
export interface KeyPlaces {
  readonly environment: NodeJS.ProcessEnv;
  /** The variables of `./.env`, which `candor dev` reads and `candor serve` does not. */
  readonly environmentFile: ReadonlyMap<string, string>;
  /** Where `file:` starts. */
  readonly folder: string;
}

/** One provider of the config with one of its keys. */
export interface ProviderKey {
  readonly provider: string;
  /** What findings call it: the provider, and which of its keys where it has several. */
  readonly label: string;
  readonly kind: string;
  readonly url: string;
  readonly modelIds: readonly string[];
  readonly finding: Finding;
  /** `null`: simulated, or not to be had. */
  readonly key: Secret | null;
}

/** Every key of every provider that has a model. @param configuration one that was loaded with references for secrets */
export function checkKeys(configuration: Configuration, places: KeyPlaces): readonly ProviderKey[] {
  const deployments = [...configuration.deployments.values()];
  const providers = new Map(deployments.map((deployment) => [deployment.provider, deployment]));
  return [...providers.values()].flatMap(({ provider, kind, url, simulated, credentials }) => {
    const modelIds = deployments.filter((each) => each.provider === provider).map(({ modelId }) => modelId);
    const references = simulated ? [null] : credentials;
    return references.map((reference, index) => {
      const label = references.length > 1 ? `${provider} key ${index + 1}` : provider;
      return { provider, label, kind, url, modelIds, ...checkKey(label, reference, places) };
    });
  });
}

type CheckedKey = Pick<ProviderKey, 'finding' | 'key'>;

function checkKey(label: string, reference: Secret | null, places: KeyPlaces): CheckedKey {
  if (reference === null) return { finding: ok(label, 'simulated, needs no key'), key: null };
  const [, kind, name = ''] = /^(env|file):(.*)$/.exec(reference.reveal()) ?? [];
  return kind === 'env' ? checkVariable(label, name, places) : checkFile(label, name, places);
}

function checkVariable(label: string, name: string, { environment, environmentFile }: KeyPlaces): CheckedKey {
  const value = environment[name]?.trim() ?? '';
  const fileValue = environmentFile.get(name)?.trim() ?? '';
  const key = new Secret(value === '' ? fileValue : value);
  const from = `env:${name}`;
  if (value === '' && fileValue === '') {
    const next = `export ${name}=…, or write \`sim: true\` instead of the key`;
    return { finding: problem(label, `no key: ${name} is not set`, null, next), key: null };
  }
  if (!isUsable(key)) return { finding: unusable(label, from), key: null };
  const message = `key ${key.ending}  ${from}`;
  if (value === '') {
    const cause = `${name} is set in .env only: \`candor dev\` reads that file, \`candor serve\` does not.`;
    return { finding: warning(label, message, cause, `for serve: export ${name}`), key };
  }
  if (fileValue !== '' && fileValue !== value) {
    const cause = `${name} is set in this shell and differs from .env (${new Secret(fileValue).ending}); the shell's counts.`;
    return { finding: warning(label, message, cause, 'unset it, or edit .env'), key };
  }
  return { finding: ok(label, message), key };
}

function checkFile(label: string, name: string, { folder }: KeyPlaces): CheckedKey {
  const from = `file:${name}`;
  let key: Secret;
  try {
    key = new Secret(readFileSync(resolve(folder, name), 'utf8').trim());
  } catch (error) {
    const cause = `${from} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`;
    return {
      finding: problem(label, 'no key', cause, 'make the file readable for whoever runs the gateway'),
      key: null,
    };
  }
  if (key.reveal() === '')
    return { finding: problem(label, 'no key', `${from} is empty.`, 'put the key into it'), key: null };
  if (!isUsable(key)) return { finding: unusable(label, from), key: null };
  return { finding: ok(label, `key ${key.ending}  ${from}`), key };
}

/** A key goes into an HTTP header, which holds visible ASCII only. */
function isUsable(key: Secret): boolean {
  return /^[\x21-\x7e]+$/.test(key.reveal());
}

function unusable(label: string, from: string): Finding {
  const cause = `${from} has characters that cannot be sent in a header.`;
  return problem(label, 'the key cannot be used', cause, 'copy it anew, without spaces or quotation marks');
}
