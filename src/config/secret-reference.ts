import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

import { Secret } from '../core/secret.ts';
import type { ConfigNode } from './document.ts';
import type { KeptSecrets } from './kept-secrets.ts';
import { readText, type ReadContext } from './read.ts';

/** Where secrets come from, and which of the environment have been read. */
export interface SecretSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What earlier loads have had removed from the environment; `null`: nothing. */
  readonly kept: KeptSecrets | null;
  /** Takes each reference for the secret itself: for looking at a configuration where its secrets are not. */
  readonly referencesOnly: boolean;
  /** Folder that a relative `file:` starts from. */
  readonly folder: string;
  /** Names of the variables read, for the caller to remove from the process. Grows during one load. */
  readonly namesRead: Set<string>;
}

const MAX_SECRET_BYTES = 65_536;

/**
 * The secret a reference points to. `resolve: false` checks the form only, for providers that need
 * no key. A problem never tells the value, nor any part of it.
 */
export function readSecret(
  context: ReadContext,
  source: SecretSource,
  node: ConfigNode,
  path: string,
  options: { readonly resolve: boolean },
): Secret | null {
  const reference = readText(context, node, path);
  if (reference === null) return null;
  const match = /^(env|file):(.*)$/.exec(reference);
  if (match === null) {
    context.problems.error(
      'literal-secret',
      node.span,
      `${path} holds a secret itself`,
      'write env:NAME or file:/path',
    );
    return null;
  }
  if (options.resolve && source.referencesOnly) return new Secret(reference);
  const name = match[2] ?? '';
  if (match[1] === 'env') {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      context.problems.error(
        'invalid-secret',
        node.span,
        `${path} does not name an environment variable`,
        'write env:NAME',
      );
      return null;
    }
    return options.resolve ? fromEnvironment(context, source, node, path, name) : null;
  }
  return options.resolve ? fromFile(context, source, node, path, name) : null;
}

function fromEnvironment(
  context: ReadContext,
  source: SecretSource,
  node: ConfigNode,
  path: string,
  name: string,
): Secret | null {
  const value = (source.environment[name] ?? source.kept?.get(name)?.reveal())?.trim() ?? '';
  if (value === '') {
    context.problems.error(
      'missing-secret',
      node.span,
      `${path}: the environment variable ${name} is not set`,
      `set ${name}`,
    );
    return null;
  }
  source.namesRead.add(name);
  return usable(context, node, path, value);
}

function fromFile(
  context: ReadContext,
  source: SecretSource,
  node: ConfigNode,
  path: string,
  name: string,
): Secret | null {
  const file = resolve(source.folder, name);
  let value = '';
  try {
    if (name === '' || statSync(file).size > MAX_SECRET_BYTES) throw new Error('not a secret');
    value = readFileSync(file, 'utf8').trim();
  } catch {
    context.problems.error(
      'missing-secret',
      node.span,
      `${path}: the file ${name} cannot be read`,
      'it must be there, and readable for whoever runs the gateway',
    );
    return null;
  }
  if (value !== '') return usable(context, node, path, value);
  context.problems.error('missing-secret', node.span, `${path}: the file ${name} is empty`);
  return null;
}

/** A secret goes into an HTTP header, which holds visible ASCII only. */
function usable(context: ReadContext, node: ConfigNode, path: string, value: string): Secret | null {
  if (/^[\x21-\x7e]+$/.test(value)) return new Secret(value);
  context.problems.error(
    'invalid-secret',
    node.span,
    `${path}: the secret has characters that cannot be sent in a header`,
  );
  return null;
}
