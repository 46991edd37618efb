import { arrayMember, isJsonObject, numberMember, stringMember, type JsonValue } from '../../core/json.ts';
import { nanoFromUsd } from '../../core/money.ts';
import type { Arm } from './arm.ts';
import { legalRequest } from './legal-questions.ts';
import type { Spent } from './scene.ts';

/** Compares a model with `gpt-4o` on these questions, as `candor compare` does, so that it may stand in for it. */
export async function earnCertificate(arm: Arm, model: string, questions: readonly string[]): Promise<Spent> {
  const { clock } = arm;
  const startedMs = clock.now();
  const lines = await clock.run(
    arm.administer('/admin/compare', {
      route: 'legal',
      models: ['gpt-4o', model],
      set: questions.map((question) => ({ ...legalRequest(question), stream: false })),
      // One at a time: what time passes is then the same each time.
      concurrency: 1,
      confirm: true,
    }),
  );
  const result = lines.find((line) => stringMember(line, 'type') === 'result');
  if (result === undefined) throw new TypeError(`the comparison did not end: ${JSON.stringify(lines.at(-1))}`);
  const cost = numberMember(result, 'cost');
  return {
    calls: arrayMember(result, 'models').reduce<number>((sum, each) => sum + askedOf(each), 0),
    costNanoUsd: nanoFromUsd(cost),
    waitedMs: clock.now() - startedMs,
  };
}

/** How often a model was asked. @throws TypeError when the comparison does not tell */
function askedOf(report: JsonValue): number {
  const asked = isJsonObject(report) ? numberMember(report, 'asked') : null;
  if (asked === null) throw new TypeError(`the comparison does not tell how often it asked: ${JSON.stringify(report)}`);
  return asked;
}
