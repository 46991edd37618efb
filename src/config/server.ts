import { resolve } from 'node:path';

import { isLoopbackHost } from '../core/loopback.ts';
import type { ListenAddress, ServerSettings } from '../core/route.ts';
import type { Secret } from '../core/secret.ts';
import { parseListen } from './address.ts';
import type { Entry } from './document.ts';
import { LONGEST_PERIOD_MS } from './duration.ts';
import { ADMIN_WORDS, SERVER_WORDS } from './grammar.ts';
import { readProcess } from './process.ts';
import { readDuration, readFields, readList, readText } from './read.ts';
import { readSecret, type SecretSource } from './secret-reference.ts';
import type { FileContext } from './side-file.ts';

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 4141;

export interface ServerContext extends FileContext {
  readonly mode: 'dev' | 'serve';
  readonly secrets: SecretSource;
  /** Where the state lies when the file does not say: an absolute path. */
  readonly defaultStore: string;
}

/** Reads `server`. What it does not say has its default. */
export function readServer(context: ServerContext, field: Entry | undefined): ServerSettings {
  const fields = field === undefined ? null : readFields(context, field.value, 'server', SERVER_WORDS);
  const keep = fields?.get('keep');
  return {
    ...readListen(context, fields?.get('listen')),
    ...readProcess(context, fields),
    keepMs: keep === undefined ? null : readDuration(context, keep.value, 'server.keep', LONGEST_PERIOD_MS),
    hosts: readHosts(context, fields?.get('hosts')),
    publicUrl: readPublicUrl(context, fields?.get('public_url')),
    store: readStore(context, fields?.get('store')),
    adminToken: readAdminToken(context, fields?.get('admin')),
  };
}

function readListen(context: ServerContext, field: Entry | undefined): ListenAddress {
  const fallback = { host: DEFAULT_HOST, port: DEFAULT_PORT };
  const text = field === undefined ? null : readText(context, field.value, 'server.listen');
  if (field === undefined || text === null) return fallback;
  const address = parseListen(text);
  if (address === null) {
    context.problems.error(
      'invalid-value',
      field.value.span,
      'server.listen is not an address',
      'write 127.0.0.1:4141',
    );
    return fallback;
  }
  if (!isLoopbackHost(address.host)) {
    const message =
      context.mode === 'dev'
        ? '`candor dev` listens on this machine only'
        : 'listening beyond this machine needs `keys`, which are not built yet';
    context.problems.error('non-loopback-listen', field.value.span, message, 'write 127.0.0.1:4141');
  }
  return address;
}

function readHosts(context: ServerContext, field: Entry | undefined): readonly string[] {
  const list = field === undefined ? null : readList(context, field.value, 'server.hosts');
  const hosts: string[] = [];
  for (const item of list?.items ?? []) {
    const host = readText(context, item, 'server.hosts');
    if (host === null) continue;
    if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host)) hosts.push(host.toLowerCase());
    else context.problems.error('invalid-value', item.span, 'server.hosts takes host names, without port or path');
  }
  return hosts;
}

function readPublicUrl(context: ServerContext, field: Entry | undefined): string | null {
  const text = field === undefined ? null : readText(context, field.value, 'server.public_url');
  if (field === undefined || text === null) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash + url.username + url.password === '') {
    return url.href.replace(/\/+$/, '');
  }
  context.problems.error(
    'invalid-url',
    field.value.span,
    'server.public_url is not a base URL',
    'write https://host/path',
  );
  return null;
}

/** Relative to the folder of the config file, as every path in it. */
function readStore(context: ServerContext, field: Entry | undefined): string {
  const path = field === undefined ? null : readText(context, field.value, 'server.store');
  return path === null ? context.defaultStore : resolve(context.folder, path);
}

function readAdminToken(context: ServerContext, field: Entry | undefined): Secret | null {
  const fields = field === undefined ? null : readFields(context, field.value, 'server.admin', ADMIN_WORDS);
  const token = fields?.get('token');
  return token === undefined
    ? null
    : readSecret(context, context.secrets, token.value, 'server.admin.token', { resolve: true });
}
