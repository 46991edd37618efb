import { arrayMember, isJsonObject, type JsonObject, numberMember, objectMember, stringMember } from '../../core/json.ts';
import type { Arm } from './arm.ts';
import { legalRequest } from './legal-questions.ts';
import type { Spent } from './scene.ts';

/** What a comparison came to. */
export interface Earned {
  readonly state: string;
  readonly pairs: number;
  readonly spent: Spent;
}

const NANO = 1e9;

/** Compares `claude-opus` with `gpt-4o` on these questions, as `candor compare` does, for a certificate of the route. */
export async function earnCertificate(arm: Arm, questions: readonly string[]): Promise<Earned> {
  const { clock } = arm;
  const startedMs = clock.now();
  const lines = await clock.run(
    arm.administer('/admin/compare', {
      route: 'legal',
      models: ['gpt-4o', 'claude-opus'],
      set: questions.map((question) => ({ ...legalRequest(question), stream: false })),
      // One at a time: what time passes is then the same each time.
      concurrency: 1,
      confirm: true,
    }),
  );
  const result = lines.find((line) => stringMember(line, 'type') === 'result');
  if (result === undefined) throw new TypeError(`the comparison did not end: ${JSON.stringify(lines.at(-1))}`);
  const cost = numberMember(result, 'cost');
  const pairs = lines.filter((line) => stringMember(line, 'type') === 'pair').length;
  return {
    state: standingOf(result),
    pairs,
    spent: {
      calls: 2 * pairs,
      costNanoUsd: cost === null ? null : Math.round(cost * NANO),
      waitedMs: clock.now() - startedMs,
    },
  };
}

function standingOf(result: JsonObject): string {
  const standing = arrayMember(result, 'models')
    .filter(isJsonObject)
    .map((model) => objectMember(model, 'standing'))
    .find((each) => each !== null);
  return standing === undefined || standing === null ? 'none' : (stringMember(standing, 'state') ?? 'none');
}
