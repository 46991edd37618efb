import type { ChatRequest } from '../../core/chat.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Verdict } from '../../core/record.ts';
import { placeIn, writtenTexts } from '../judged-text.ts';
import { findPersonalData, masked, PII_KINDS, type PersonalDatum, type PiiKind } from '../pii/personal-data.ts';
import { PreparedOptions, type Prepared } from '../prepared-options.ts';
import { TimeLimit, TimeLimitError } from '../time-limit.ts';
import { abstain, fail, pass, type Subject, type Validator } from '../validator.ts';

const ID = 'pii';
const TAKES = `\`pii\` takes { kinds: [${PII_KINDS.join(', ')}], echoed: pass | fail }`;
const MAX_EVIDENCE = 20;
/** Thousands of finds in an answer to a question of megabytes would hold everybody up. */
const LIMIT_MS = 1000;
/** Work up to this size, in characters of the answer × bytes of the request, is done without a watch on it. */
const UNWATCHED_WORK = 1_000_000_000;
/** Numbers may be written with another beginning: a country code, zeros. */
const COMPARED_DIGITS = 8;

interface Terms {
  readonly kinds: readonly PiiKind[];
  readonly echoed: 'pass' | 'fail';
}

/** Where a find stands, and whether the request holds it. */
interface Found {
  readonly datum: PersonalDatum;
  readonly place: string;
  readonly isEchoed: boolean;
}

/** Fails an answer with personal data or secrets that the request does not hold. What it finds is told by kind and place only. */
export function pii(): Validator {
  const prepared = new PreparedOptions(prepare);
  const limit = new TimeLimit();
  return {
    id: ID,
    checkOptions: (options) => prepared.problemOf(options),
    check(subject, options) {
      const terms = prepared.use(options);
      if (workOf(subject) <= UNWATCHED_WORK) return judge(subject, terms);
      try {
        return limit.within(LIMIT_MS, () => judge(subject, terms));
      } catch (error) {
        if (error instanceof TimeLimitError) return abstain(ID, `the answer was not checked: ${error.message}`);
        throw error;
      }
    },
  };
}

function workOf({ answer, request }: Subject): number {
  const characters = writtenTexts(answer).reduce((sum, { text }) => sum + text.length, 0);
  return characters * request.original.bytes.length;
}

function judge(subject: Subject, { kinds, echoed }: Terms): Verdict {
  const written = writtenTexts(subject.answer).flatMap(({ place, text }) =>
    findPersonalData(text, kinds).map((datum) => ({ datum, place: placeIn(place, datum.start, datum.end) })),
  );
  if (written.length === 0) return pass(ID);
  const given = new GivenData(subject.request);
  const found = written.map((each) => ({ ...each, isEchoed: given.has(each.datum) }));
  // What nobody had said comes first: the first of the evidence is what people are told.
  const ordered = found.toSorted((a, b) => Number(a.isEchoed) - Number(b.isEchoed));
  const evidence = ordered.slice(0, MAX_EVIDENCE).map(told);
  const failing = ordered.filter(({ isEchoed }) => echoed === 'fail' || !isEchoed);
  const [worst] = failing;
  if (worst === undefined) return { ...pass(ID), evidence };
  const named = [...new Set(failing.map(({ datum }) => datum.kind))].join(', ');
  const reason =
    echoed === 'fail' ? `it holds personal data or secrets: ${named}` : `it holds what the request does not: ${named}`;
  return fail(ID, reason, { place: worst.place, evidence });
}

function told({ datum, place, isEchoed }: Found): JsonObject {
  return { kind: datum.kind, masked: masked(datum), place, echoed: isEchoed };
}

/** The texts of a request, to look up what of an answer is in them. The model's own earlier answers count: the client has sent them. */
class GivenData {
  readonly #text: string;
  readonly #lower: string;
  readonly #compact: string;

  constructor({ messages }: ChatRequest) {
    const texts = messages.flatMap(({ content }) =>
      content.flatMap((part) => (part.type === 'text' ? [part.text] : [])),
    );
    this.#text = texts.join('\n');
    this.#lower = this.#text.toLowerCase();
    this.#compact = this.#lower.replaceAll(/[^a-z0-9\n]/g, '');
  }

  has({ kind, value }: PersonalDatum): boolean {
    if (kind === 'secret') return this.#text.includes(value);
    if (kind === 'email') return this.#lower.includes(value);
    return this.#compact.includes(kind === 'phone' ? value.slice(-COMPARED_DIGITS) : value);
  }
}

function prepare(options: JsonValue): Prepared<Terms> {
  const words = options === null || options === true ? {} : options;
  if (!isJsonObject(words)) return { problem: TAKES };
  const { kinds = PII_KINDS, echoed = 'pass', ...others } = words;
  const isFine = Object.keys(others).length === 0 && (echoed === 'pass' || echoed === 'fail') && isKinds(kinds);
  return isFine ? { value: { kinds, echoed } } : { problem: TAKES };
}

function isKinds(value: JsonValue): value is readonly PiiKind[] {
  if (!Array.isArray(value)) return false;
  const list: readonly JsonValue[] = value;
  return list.length > 0 && list.every((kind) => PII_KINDS.some((known) => known === kind));
}
