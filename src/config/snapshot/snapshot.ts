import { isJsonObject, objectMember, parseJson, stringMember, type JsonObject } from '../../core/json.ts';
import type { ConfigReader } from '../config-reader.ts';
import type { LoadedConfiguration } from '../load.ts';

/** A configuration as the texts it was made from. Secrets are in it as references only. */
export interface Snapshot {
  readonly hash: string;
  /** ISO time at which it first took effect. */
  readonly createdAt: string;
  /** ISO time at which it last took effect. */
  readonly inForceAt: string;
  readonly origin: string;
  readonly mode: 'dev' | 'serve';
  /** Texts by name: the path from the config's folder. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256 of the source of each module that had functions of it; their texts are not kept. */
  readonly hooks: Readonly<Record<string, string>>;
}

/** The snapshot of a configuration that takes effect at that ISO time. */
export function snapshotOf({ configuration, texts }: LoadedConfiguration, at: string): Snapshot {
  const { hash, origin, mode } = configuration;
  const files = Object.fromEntries([...texts].filter((entry): entry is [string, string] => entry[1] !== null));
  const hooks = Object.fromEntries(configuration.hooks.sources);
  return { hash, createdAt: at, inForceAt: at, origin, mode, files, hooks };
}

/** Reads the texts of a snapshot, whatever is on the disk by now. */
export function snapshotReader(snapshot: Snapshot): ConfigReader {
  return {
    read(name) {
      const text = Object.hasOwn(snapshot.files, name) ? snapshot.files[name] : undefined;
      return text === undefined ? { problem: 'is not in the snapshot', isMissing: true } : { text };
    },
  };
}

/** The snapshot as the text of its file. */
export function formatSnapshot(snapshot: Snapshot): string {
  const { hash, createdAt, inForceAt, origin, mode, files, hooks } = snapshot;
  return `${JSON.stringify({ hash, created_at: createdAt, in_force_at: inForceAt, origin, mode, files, hooks })}\n`;
}

/** The snapshot in a file's text; `null` when it is none. */
export function parseSnapshot(text: string): Snapshot | null {
  const json = parseJson(text);
  if (!isJsonObject(json)) return null;
  const hash = stringMember(json, 'hash');
  const createdAt = stringMember(json, 'created_at');
  const inForceAt = stringMember(json, 'in_force_at');
  const origin = stringMember(json, 'origin');
  const mode = stringMember(json, 'mode');
  const files = textsOf(objectMember(json, 'files') ?? {});
  const hooks = stringsOf(objectMember(json, 'hooks') ?? {});
  if (hash === null || createdAt === null || inForceAt === null || origin === null || files === null) return null;
  if (hooks === null) return null;
  return mode === 'dev' || mode === 'serve' ? { hash, createdAt, inForceAt, origin, mode, files, hooks } : null;
}

function textsOf(files: JsonObject): Readonly<Record<string, string>> | null {
  return Object.keys(files).length === 0 ? null : stringsOf(files);
}

function stringsOf(members: JsonObject): Readonly<Record<string, string>> | null {
  const texts = Object.entries(members).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.length === Object.keys(members).length ? Object.fromEntries(texts) : null;
}
