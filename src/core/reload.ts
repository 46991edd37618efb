import type { JsonObject, JsonValue } from './json.ts';

/** One difference between two configurations, in the words of the config file. */
export interface ConfigChange {
  /** Such as `routes.legal.try`. */
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** `null` where it was added. A secret is `[secret]`. */
  readonly from: JsonValue;
  /** `null` where it was removed. */
  readonly to: JsonValue;
}

export interface ReloadRequest {
  /** Reads and checks, and changes nothing. */
  readonly dryRun: boolean;
}

/** What a reload has come to. */
export type ReloadResult =
  | {
      readonly ok: true;
      /** Hash of the configuration in force now; of a dry run, of the one that would be. */
      readonly config: string;
      readonly previous: string;
      /** From the one before to this one; empty when they decide the same. */
      readonly diff: readonly ConfigChange[];
      /** Words whose change waits for a restart. */
      readonly needsRestart: readonly string[];
      readonly warnings: readonly JsonObject[];
    }
  /** The file has errors: the configuration in force stays. */
  | { readonly ok: false; readonly config: string; readonly diagnostics: readonly JsonObject[] };

/** Reads the configuration anew and puts it in force. Calls that come during another one wait for it. */
export type Reload = (request: ReloadRequest) => Promise<ReloadResult>;
