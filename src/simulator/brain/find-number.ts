import { numberMember } from '../../core/json.ts';
import type { Facts, NumberFact } from './facts.ts';
import { type Field, type FillSource, type Filled, isNamed, speaksOf } from './field.ts';
import { stemsOf } from './text.ts';

const MONEY =
  'total amount price sum cost value balance fee subtotal due paid payment revenue budget salary net gross tax vat';
const COUNT = 'quantity qty count units pieces items number amount';
const PERCENT = 'percent percentage rate share discount';
const SCORE = 'confidence score probability likelihood certainty relevance';
const IDENTIFIER = 'number no id identifier invoice order reference ref code';

/** The number in the text that the field asks for, within the schema's bounds. */
export function findNumber(field: Field, source: FillSource, isInteger: boolean): Filled<number> {
  const fits = (value: number): boolean =>
    (!isInteger || Number.isInteger(value)) && withinBounds(value, field, isInteger) === value;
  const candidates = candidateNumbers(field, source.facts);
  const found = candidates.find(fits) ?? candidates[0];
  if (found !== undefined)
    return { value: withinBounds(isInteger ? Math.round(found) : found, field, isInteger), found: true };
  const guess = isNamed(field, SCORE) ? Math.round((0.6 + source.random.next() * 0.35) * 100) / 100 : 0;
  return { value: withinBounds(guess, field, isInteger), found: isNamed(field, SCORE) };
}

/** Numbers of the text that could be meant, the likeliest first. */
function candidateNumbers(field: Field, facts: Facts): readonly number[] {
  const values = (numbers: readonly NumberFact[]): readonly number[] => numbers.map((number) => number.value);
  const money = facts.numbers.filter((number) => number.currency !== null);
  const counts = facts.numbers.filter(
    (number) => number.counted !== null && number.currency === null && !isIdentifier(number, facts),
  );
  const counted = counts.filter((number) => stemsOf(number.counted ?? '').some((stem) => field.stems.has(stem)));
  const labelled = facts.labelled.filter((fact) =>
    stemsOf(fact.label).some((stem) => stemsOf(field.name).includes(stem)),
  );
  const byLabel = labelled.flatMap((label) =>
    values(
      facts.numbers.filter(
        (number) => number.at >= label.at && number.at <= label.at + label.text.length + label.label.length + 4,
      ),
    ),
  );
  const near = values(nearby(field, facts));
  if (byLabel.length > 0) return byLabel;
  if (counted.length > 0) return values(counted);
  if (isNamed(field, 'year'))
    return [
      ...facts.dates.map((date) => Number(date.iso.slice(0, 4))),
      ...values(facts.numbers).filter((value) => value >= 1000 && value <= 2999),
    ];
  if (isNamed(field, PERCENT)) return [...values(facts.numbers.filter((number) => number.isPercent)), ...near];
  if (isNamed(field, 'total') && money.length > 0)
    return [...near.filter((value) => values(money).includes(value)), Math.max(...values(money))];
  if (speaksOf(field, MONEY) && money.length > 0) return [...near, ...values(money)];
  if (isNamed(field, 'quantity qty count')) return [...values(counts), ...near];
  if (isNamed(field, IDENTIFIER) && facts.identifiers.length > 0)
    return facts.identifiers.map((fact) => Number(fact.text)).filter(Number.isFinite);
  if (near.length > 0) return near;
  if (speaksOf(field, SCORE)) return [];
  if (isNamed(field, COUNT)) return values(counts);
  const free = facts.numbers.filter((number) => !isIdentifier(number, facts));
  return speaksOf(field, `${MONEY} ${COUNT} number value age temperature size weight height length`)
    ? values(free)
    : [];
}

function isIdentifier(number: NumberFact, facts: Facts): boolean {
  return facts.identifiers.some((fact) => fact.at <= number.at && number.at < fact.at + fact.text.length);
}

/** Numbers that stand within a few words of a word of the field's name, the nearest first. */
function nearby(field: Field, facts: Facts): readonly NumberFact[] {
  const wanted = stemsOf(field.words.join(' '));
  const distances = facts.numbers.flatMap((number) => {
    if (isIdentifier(number, facts)) return [];
    const before = stemsOf(
      facts.text
        .slice(Math.max(0, number.at - 48), number.at)
        .split(/[.!?]\s|[\n;]/)
        .at(-1) ?? '',
    );
    const after = stemsOf(
      facts.text
        .slice(number.at + number.text.length, number.at + number.text.length + 24)
        .split(/[.!?]\s|[\n;,]/)[0] ?? '',
    );
    const distance = Math.min(
      ...wanted.flatMap((stem) => [distanceTo(before.toReversed(), stem), distanceTo(after, stem)]),
    );
    return Number.isFinite(distance) ? [{ number, distance }] : [];
  });
  return distances.toSorted((left, right) => left.distance - right.distance).map((entry) => entry.number);
}

function distanceTo(stems: readonly string[], stem: string): number {
  const index = stems.indexOf(stem);
  return index === -1 || index > 4 ? Number.POSITIVE_INFINITY : index;
}

/** The nearest number to `value` that the schema's bounds and `multipleOf` allow. */
function withinBounds(value: number, field: Field, isInteger: boolean): number {
  const { schema } = field;
  const step = numberMember(schema, 'multipleOf') ?? (isInteger ? 1 : 0);
  const gap = step > 0 ? step : 1e-6;
  const exclusiveLow =
    numberMember(schema, 'exclusiveMinimum') ??
    (schema['exclusiveMinimum'] === true ? numberMember(schema, 'minimum') : null);
  const exclusiveHigh =
    numberMember(schema, 'exclusiveMaximum') ??
    (schema['exclusiveMaximum'] === true ? numberMember(schema, 'maximum') : null);
  const low = Math.max(
    numberMember(schema, 'minimum') ?? Number.NEGATIVE_INFINITY,
    exclusiveLow === null ? Number.NEGATIVE_INFINITY : exclusiveLow + gap,
  );
  const high = Math.min(
    numberMember(schema, 'maximum') ?? Number.POSITIVE_INFINITY,
    exclusiveHigh === null ? Number.POSITIVE_INFINITY : exclusiveHigh - gap,
  );
  const bounded = Math.min(Math.max(value, low), high);
  if (step === 0) return bounded;
  const rounded = onStep(Math.round(bounded / step), step);
  if (rounded < low) return onStep(Math.ceil(low / step), step);
  return rounded > high ? onStep(Math.floor(high / step), step) : rounded;
}

/** A multiple of the step without the noise of binary fractions. */
function onStep(count: number, step: number): number {
  return Number((count * step).toPrecision(12));
}
