import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { isJsonObject, numberMember, parseJson, stringMember } from '../core/json.ts';
import { Secret } from '../core/secret.ts';
import type { ProcessIdentity } from '../ledger/process-identity.ts';

/** Where a running gateway is found, and the token of its administration. */
export interface RunFile extends ProcessIdentity {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly adminToken: Secret;
  /** ISO date and time. */
  readonly startedAt: string;
}

const FILE_NAME = 'run.json';

/** The path of the run file of a state folder. */
export function runFilePath(folder: string): string {
  return join(folder, FILE_NAME);
}

/** Writes `run.json` at once and readable by its owner only; makes the folder if need be. */
export function writeRunFile(folder: string, run: RunFile): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const text = JSON.stringify({
    pid: run.pid,
    birth: run.birth,
    host: run.host,
    port: run.port,
    url: run.url,
    admin_token: run.adminToken.reveal(),
    started_at: run.startedAt,
  });
  const path = runFilePath(folder);
  const draft = `${path}.${run.pid}`;
  writeFileSync(draft, `${text}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}

/** The gateway a state folder belongs to; `null` when it has no readable `run.json`. */
export function readRunFile(folder: string): RunFile | null {
  let text: string;
  try {
    text = readFileSync(runFilePath(folder), 'utf8');
  } catch {
    return null;
  }
  const json = parseJson(text);
  if (!isJsonObject(json)) return null;
  const pid = numberMember(json, 'pid');
  const host = stringMember(json, 'host');
  const port = numberMember(json, 'port');
  const url = stringMember(json, 'url');
  const token = stringMember(json, 'admin_token');
  const startedAt = stringMember(json, 'started_at') ?? '';
  if (pid === null || host === null || port === null || url === null || token === null) return null;
  return { pid, birth: stringMember(json, 'birth'), host, port, url, adminToken: new Secret(token), startedAt };
}

/** Removes `run.json` if it is this process's own. */
export function removeRunFile(folder: string, pid: number): void {
  if (readRunFile(folder)?.pid === pid) rmSync(runFilePath(folder), { force: true });
}
