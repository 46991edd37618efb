import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import { durationText } from '../format.ts';
import { alignedRows, plainText, type Alignment } from '../text.ts';

/** The entries of `GET /v1/models` that are of one kind. */
export function entriesOf(list: readonly JsonObject[], kind: 'route' | 'model' | 'deployment'): readonly JsonObject[] {
  return list.filter((entry) => objectMember(entry, 'candor')?.['kind'] === kind);
}

/** The models with where they run, what they cost and, from a gateway that runs, how they do on each route. */
export function modelsText(list: readonly JsonObject[]): string {
  const deployments = factsByName(list);
  const rows = entriesOf(list, 'model').flatMap((model) =>
    strings(candorOf(model), 'deployments').flatMap((name, index) => {
      const facts = deployments.get(name) ?? {};
      const row: Row = [
        index === 0 ? (stringMember(model, 'id') ?? '') : '',
        name,
        stringMember(facts, 'region') ?? 'unknown',
        ...priceCells(objectMember(facts, 'price')),
        facts['simulated'] === true ? 'SIMULATED' : '',
      ];
      if (!isMeasured(deployments)) return [row];
      const [first = null, ...others] = objects(facts, 'measured');
      return [
        [...row, circuitCell(facts), ...measuredCells(first)],
        ...others.map((summary) => [...row.map(() => ''), '', ...measuredCells(summary)]),
      ];
    }),
  );
  if (rows.length === 0) return 'no models\n';
  const titles = ['model', 'deployment', 'region', '$/M in', '$/M out', 'price of', 'age', ''];
  const alignments: Alignment[] = ['left', 'left', 'left', 'right', 'right', 'left', 'right', 'left'];
  if (!isMeasured(deployments)) return lines([titles, ...rows], alignments);
  return lines(
    [[...titles, 'circuit', 'route', ...SPEED_TITLES], ...rows],
    [...alignments, 'left', 'left', ...SPEED_ALIGNMENTS],
  );
}

type Row = readonly string[];

const SPEED_TITLES: Row = ['ttft p50', 'p95', 'n'];
const SPEED_ALIGNMENTS: readonly Alignment[] = ['right', 'right', 'right'];

function priceCells(price: JsonObject | null): Row {
  if (price === null) return ['unknown', 'unknown', '–', '–'];
  const days = numberMember(price, 'age_days');
  return [
    amount(numberMember(price, 'in')),
    amount(numberMember(price, 'out')),
    stringMember(price, 'as_of') ?? '–',
    (days === null ? '–' : `${days}d`).padStart(5),
  ];
}

function amount(usd: number | null): string {
  return usd === null ? 'unknown' : usd.toFixed(2);
}

/** `null`: nothing is measured. */
function measuredCells(summary: JsonObject | null): Row {
  if (summary === null) return ['–', ...speedCells(null)];
  return [stringMember(summary, 'route') ?? 'by name', ...speedCells(summary)];
}

/** Time to the first content, and of how many answers that is. */
function speedCells(summary: JsonObject | null): Row {
  const ttft = summary === null ? null : objectMember(summary, 'ttft');
  if (ttft === null) return ['–', '–', '–'];
  return [
    durationText(numberMember(ttft, 'p50_ms')),
    durationText(numberMember(ttft, 'p95_ms')),
    String(Math.round(numberMember(ttft, 'n') ?? 0)),
  ];
}

function circuitCell(facts: JsonObject): string {
  const circuit = objectMember(facts, 'circuit');
  return (circuit === null ? null : stringMember(circuit, 'state')) ?? '–';
}

/** The routes with whom they ask, in order, and on which terms; from a gateway that runs, also how these do there. */
export function routesText(list: readonly JsonObject[]): string {
  const deployments = factsByName(list);
  const hasSpeed = isMeasured(deployments);
  const rows = entriesOf(list, 'route').flatMap((route) => {
    const facts = candorOf(route);
    const validators = strings(facts, 'validate');
    const terms = [
      stringMember(route, 'id') ?? '',
      stringMember(facts, 'fallback') ?? '–',
      stringMember(facts, 'stream') ?? '–',
      validators.length === 0 ? 'none' : validators.join(' '),
    ];
    if (!hasSpeed) return [[...terms, strings(facts, 'try').join(', ')]];
    const measured = objects(facts, 'measured');
    return strings(facts, 'try').map((name, index) => {
      const summary = measured.find((each) => stringMember(each, 'deployment') === name) ?? null;
      const cells = [name, circuitCell(deployments.get(name) ?? {}), ...speedCells(summary)];
      return [...(index === 0 ? terms : terms.map(() => '')), ...cells];
    });
  });
  if (rows.length === 0) return 'no routes\n';
  const titles = ['route', 'fallback', 'stream', 'validate', 'try'];
  const alignments: Alignment[] = ['left', 'left', 'left', 'left', 'left'];
  if (!hasSpeed) return lines([titles, ...rows], alignments);
  return lines([[...titles, 'circuit', ...SPEED_TITLES], ...rows], [...alignments, 'left', ...SPEED_ALIGNMENTS]);
}

function factsByName(list: readonly JsonObject[]): ReadonlyMap<string, JsonObject> {
  return new Map(entriesOf(list, 'deployment').map((entry) => [stringMember(entry, 'id') ?? '', candorOf(entry)]));
}

/** Whether the list is that of a gateway that runs. */
function isMeasured(deployments: ReadonlyMap<string, JsonObject>): boolean {
  return [...deployments.values()].some((facts) => 'measured' in facts);
}

function candorOf(entry: JsonObject): JsonObject {
  return objectMember(entry, 'candor') ?? {};
}

function strings(owner: JsonObject, member: string): Row {
  return arrayMember(owner, member).filter((value) => typeof value === 'string');
}

function objects(owner: JsonObject, member: string): readonly JsonObject[] {
  return arrayMember(owner, member).filter(isJsonObject);
}

function lines(rows: readonly Row[], alignments: readonly Alignment[]): string {
  return alignedRows(
    rows.map((row) => row.map(plainText)),
    alignments,
  )
    .map((line) => ` ${line}\n`)
    .join('');
}
