import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { isJsonObject, numberMember, parseJson, stringMember } from '../../../core/json.ts';
import type { ServerSettings } from '../../../core/route.ts';
import { isAlive } from '../../../ledger/process-identity.ts';
import { connect, readText } from '../../client.ts';
import { portReason, tryPort } from '../../run/free-port.ts';
import { readRunFile } from '../../run-file.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

const MIB = 1_048_576;
const GIB = 1024 * MIB;
const TIGHT_BYTES = GIB;
const TOO_FEW_BYTES = 100 * MIB;

/** Whether the port is free, or this folder's own gateway has it. */
export async function checkPort({
  host,
  port,
  store,
}: Pick<ServerSettings, 'host' | 'port' | 'store'>): Promise<Finding> {
  if (port === 0) return ok('port', 'any that is free');
  const run = readRunFile(store);
  const isOurs = run !== null && isAlive(run) && (await answers(store));
  if (isOurs && run.port === port) return ok('port', `${port} is that of the gateway which runs here (pid ${run.pid})`);
  const state = await tryPort(host, port);
  const elsewhere = isOurs ? `; the gateway of this folder (pid ${run.pid}) is on ${run.port}` : '';
  if (state.free) return ok('port', `${port} is free${elsewhere}`);
  if (isOurs) return ok('port', `${port} ${portReason(state.code)}${elsewhere}`);
  const next = '`candor dev` takes the next free one; else choose one with --port or `server.listen`';
  return problem('port', `${port} on ${host} ${portReason(state.code)}`, null, next);
}

async function answers(store: string): Promise<boolean> {
  const run = readRunFile(store);
  if (run === null) return false;
  const gateway = connect(run);
  try {
    const response = await gateway.send({ method: 'GET', path: '/healthz' });
    await readText(response);
    return response.status === 200;
  } catch {
    return false;
  } finally {
    await gateway.close();
  }
}

/** Whether the state folder can be written, and how much room is left there. */
export function checkState(store: string, shown: string): Finding {
  let folder = store;
  while (!existsSync(folder)) folder = dirname(folder);
  const there = folder === store ? 'writable' : 'not there yet, and will be made';
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    const next = `give it to whoever runs the gateway, or choose another folder with --state or \`server.store\``;
    return problem('state', `${shown} cannot be written`, `${folder} is not writable for this user.`, next);
  }
  const { bavail, bsize } = statfsSync(folder);
  const freeBytes = bavail * bsize;
  const message = `${shown} ${there}, ${sizeText(freeBytes)} free`;
  const cause = 'No request is answered that cannot be recorded first.';
  if (freeBytes < TOO_FEW_BYTES) return problem('state', message, cause, 'make room, or set `server.keep`');
  if (freeBytes < TIGHT_BYTES) return warning('state', message, cause, 'make room, or set `server.keep`');
  return ok('state', message);
}

function sizeText(bytes: number): string {
  return bytes < GIB ? `${Math.floor(bytes / MIB)} MB` : `${(bytes / GIB).toFixed(1)} GB`;
}

/** Who has the folder. A lock whose process is gone is no problem: the next gateway takes it over. */
export function checkLock(store: string): Finding {
  let text: string;
  try {
    text = readFileSync(join(store, 'lock'), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return ok('lock', 'no gateway has the folder');
    return problem('lock', `cannot be read (${code ?? String(error)})`, null, `look at ${join(store, 'lock')}`);
  }
  const holder = parseJson(text);
  const pid = isJsonObject(holder) ? numberMember(holder, 'pid') : null;
  if (!isJsonObject(holder) || pid === null) return ok('lock', 'left unreadable; the next gateway takes it over');
  if (isAlive({ pid, birth: stringMember(holder, 'birth') })) return ok('lock', `pid ${pid} has the folder, and runs`);
  return ok('lock', `left by pid ${pid}, which is gone; the next gateway takes it over`);
}
