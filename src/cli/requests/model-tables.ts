import { arrayMember, numberMember, objectMember, stringMember, type JsonObject } from '../../core/json.ts';
import { alignedRows, plainText } from '../text.ts';

/** The entries of `GET /v1/models` that are of one kind. */
export function entriesOf(list: readonly JsonObject[], kind: 'route' | 'model' | 'deployment'): readonly JsonObject[] {
  return list.filter((entry) => objectMember(entry, 'candor')?.['kind'] === kind);
}

/** The models with where they run and what they cost. */
export function modelsText(list: readonly JsonObject[]): string {
  const deployments = new Map(entriesOf(list, 'deployment').map((entry) => [stringMember(entry, 'id'), entry]));
  const rows = entriesOf(list, 'model').flatMap((model) =>
    strings(candorOf(model), 'deployments').map((name, index) => {
      const facts = candorOf(deployments.get(name) ?? {});
      return [
        index === 0 ? (stringMember(model, 'id') ?? '') : '',
        name,
        stringMember(facts, 'region') ?? 'unknown',
        ...priceCells(objectMember(facts, 'price')),
        facts['simulated'] === true ? 'SIMULATED' : '',
      ];
    }),
  );
  if (rows.length === 0) return 'no models\n';
  const titles = ['model', 'deployment', 'region', '$/M in', '$/M out', 'price of', 'age', ''];
  return lines([titles, ...rows], ['left', 'left', 'left', 'right', 'right', 'left', 'right', 'left']);
}

function priceCells(price: JsonObject | null): readonly string[] {
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

/** The routes with whom they ask, in order, and on which terms. */
export function routesText(list: readonly JsonObject[]): string {
  const rows = entriesOf(list, 'route').map((route) => {
    const facts = candorOf(route);
    const validators = strings(facts, 'validate');
    return [
      stringMember(route, 'id') ?? '',
      stringMember(facts, 'fallback') ?? '–',
      stringMember(facts, 'stream') ?? '–',
      validators.length === 0 ? 'none' : validators.join(' '),
      strings(facts, 'try').join(', '),
    ];
  });
  if (rows.length === 0) return 'no routes\n';
  return lines([['route', 'fallback', 'stream', 'validate', 'try'], ...rows], ['left', 'left', 'left', 'left', 'left']);
}

function candorOf(entry: JsonObject): JsonObject {
  return objectMember(entry, 'candor') ?? {};
}

function strings(owner: JsonObject, member: string): readonly string[] {
  return arrayMember(owner, member).filter((value) => typeof value === 'string');
}

function lines(rows: readonly (readonly string[])[], alignments: Parameters<typeof alignedRows>[1]): string {
  return alignedRows(
    rows.map((row) => row.map(plainText)),
    alignments,
  )
    .map((line) => ` ${line}\n`)
    .join('');
}
