import type { JsonObject } from '../../../src/core/json.ts';
import { leavesOf } from '../json-leaves.ts';
import { FieldCoverage } from './field-coverage.ts';
import { LOSS_MODELS, lossesOfOutcome, runLossCase, type LossDialect } from './loss-case.ts';
import type { Passage } from './losses.ts';
import { placeOf, pointersOf } from './matrix-places.ts';
import { oddProblems, oddRequest } from './odd-request.ts';
import { RequestMaker } from './request-maker.ts';

/** What a search has seen. */
export interface LossSearch {
  readonly sent: number;
  /** What was lost, or refused without a name; empty when nothing was. */
  readonly problems: readonly string[];
  /** How many sent requests have each of the published fields. */
  readonly fields: ReadonlyMap<string, number>;
  /** How many sent requests have a field that the matrix maps, by vendor and row. */
  readonly mapped: ReadonlyMap<string, number>;
}

/** One request in so many is sent again with something odd in it. */
const ODD_EVERY = 4;
const MAX_PROBLEMS = 5;

/** Makes requests from the seed, one model after the other, and looks for what of them is lost in silence. */
export function searchForLosses(
  dialect: LossDialect,
  fields: readonly string[],
  { seed, requests }: { readonly seed: number; readonly requests: number },
): LossSearch {
  const maker = new RequestMaker(seed);
  const coverage = new FieldCoverage(fields);
  const mapped = new Map<string, number>();
  const problems: string[] = [];
  let sent = 0;
  for (let count = 0; count < requests && problems.length < MAX_PROBLEMS; count++) {
    const body = dialect.make(maker);
    const [kind, model] = LOSS_MODELS[count % LOSS_MODELS.length] as (typeof LOSS_MODELS)[number];
    const note = (found: readonly string[], of: JsonObject): void => {
      problems.push(...found.map((problem) => `${kind}/${model}: ${problem} in ${JSON.stringify(of)}`));
    };
    const result = runLossCase(body, dialect, kind, model);
    note(lossesOfOutcome(result), body);
    if (result.outcome === 'refused') continue;
    sent++;
    coverage.add(body);
    for (const row of mappedRows(result.passage, dialect)) mapped.set(row, (mapped.get(row) ?? 0) + 1);
    if (count % ODD_EVERY !== 0) continue;
    const odd = oddRequest(maker, body);
    note(oddProblems(odd, dialect, kind, model), odd.body);
  }
  return { sent, problems, fields: coverage.counts, mapped };
}

/** The rows of the matrix that the request has something of, and that the vendor has a place for. */
function mappedRows(passage: Passage, { rules }: LossDialect): ReadonlySet<string> {
  const rows = new Set<string>();
  for (const [path, value] of leavesOf(passage.body)) {
    const place = placeOf(path, value, passage, rules.places, rules.roleOf);
    if (place === null || pointersOf(place.row, passage.vendor, passage.capabilities).length === 0) continue;
    rows.add(`${passage.vendor} ${place.row.field}`);
  }
  return rows;
}
