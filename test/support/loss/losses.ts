import type { MatrixVendor } from '../../../src/catalog/field-matrix.ts';
import type { Adjustment } from '../../../src/core/adjustment.ts';
import type { Capabilities } from '../../../src/core/capabilities.ts';
import type { ChatRequest } from '../../../src/core/chat.ts';
import { inClientsWords } from '../../../src/core/adjustment.ts';
import type { JsonObject, JsonValue } from '../../../src/core/json.ts';
import { isSameJson, isWithin, leavesOf, valueAt } from '../json-leaves.ts';
import { isAsked, type DialectRules } from './dialect-rules.ts';
import { placeOf, pointersOf, type MatrixPlace } from './matrix-places.ts';
import { isMarkedNumber, marksOf } from './request-maker.ts';
import { holdsValue, type SentBody } from './sent-body.ts';
import { lowerWord } from './vendor-words.ts';

/** One request on its way: what the client wrote, what Candor understood, what the vendor received, and what was said. */
export interface Passage {
  readonly body: JsonObject;
  readonly request: ChatRequest;
  readonly sent: SentBody;
  readonly adjustments: readonly Adjustment[];
  readonly vendor: MatrixVendor;
  readonly capabilities: Capabilities;
  readonly isSameProtocol: boolean;
}

/** Every leaf of the client's body that is neither where the published matrix says, nor neutral, nor said to be changed. */
export function lossesOf(passage: Passage, rules: DialectRules): readonly string[] {
  const losses: string[] = [];
  const told = passage.adjustments
    .filter(({ asked }) => asked !== null)
    .map((adjustment) => inClientsWords(adjustment, passage.request));
  for (const { param } of told) {
    if (valueAt(passage.body, param) === undefined) losses.push(`${param}: told as a change, but it was never written`);
  }
  for (const [path, value] of leavesOf(passage.body)) {
    if (value === null || !isAsked(path, value, passage, rules)) continue;
    if (told.some((adjustment) => isTold(path, value, adjustment, passage, rules))) continue;
    if (isFound(path, value, passage, rules)) continue;
    losses.push(`${path}: asked ${JSON.stringify(value)}, and it is neither sent nor said`);
  }
  return losses;
}

/** Whether the adjustment speaks of the leaf: of its place and its value. What it says is sent in other words must be. */
function isTold(
  path: string,
  value: JsonValue,
  adjustment: Adjustment,
  passage: Passage,
  rules: DialectRules,
): boolean {
  const { param, asked, kind } = adjustment;
  const { sent } = passage;
  if (!isWithin(path, param) && !(kind === 'emulated' && rules.format.test(path))) return false;
  const marks = typeof value === 'string' ? marksOf(value) : [];
  // A format that is asked for in the prompt is told by its type; what it says must stand in the prompt.
  if (kind === 'emulated') return marks.length === 0 || path.endsWith('.name') || sent.pathsOf(value).length > 0;
  // A word is told under its own name, whatever it is called everywhere else.
  if (marks.length === 0) return /^(\.\w+|\[\d+\])?$/.test(path.slice(param.length)) || holdsValue(asked, value);
  if (adjustment.sent === null) return holdsValue(asked, value) || marks.every((mark) => holdsValue(asked, mark));
  const isKept = marks.some((mark) => holdsValue(adjustment.sent, mark));
  if (isKept || !holdsValue(asked, value)) return isSaid(path, value, passage, rules);
  return sent.pathsOf(adjustment.sent).length > 0;
}

/** Whether everything the text says stands somewhere in the sent body, said by who said it. */
function isSaid(path: string, value: JsonValue, passage: Passage, rules: DialectRules): boolean {
  const marks = marksOf(typeof value === 'string' ? value : '');
  const isSent = marks.every((mark) => passage.sent.pathsOfMark(mark).length > 0);
  return isSent && isInRole(path, value, passage, rules);
}

function isFound(path: string, value: JsonValue, passage: Passage, rules: DialectRules): boolean {
  const { sent, request, vendor, capabilities } = passage;
  const isHere = passage.isSameProtocol && isSameJson(sent.at(path), value);
  if (isHere) return isInRole(path, value, passage, rules);
  if (rules.isSaidOtherwise(path, value, passage)) return true;
  if (rules.discriminators.test(path)) return isToldByNeighbours(path, passage);
  if (passage.isSameProtocol && isMoved(path, value, sent)) return isInRole(path, value, passage, rules);
  const place = placeOf(path, value, passage, rules.places, rules.roleOf);
  if (place === null) return isAnywhere(path, value, passage, rules);
  const pointers = pointersOf(place.row, vendor, capabilities);
  const isInBody = pointers.some((pointer) => isAtPointer(pointer, place, value, sent));
  const isParameter = Object.hasOwn(request.parameters, place.row.field);
  return isInBody && (isParameter || isInRole(path, value, passage, rules));
}

/** Whether the value stands where it stood, others having gone from before it or come there. */
function isMoved(path: string, value: JsonValue, sent: SentBody): boolean {
  if (!path.startsWith('messages[') || typeof value !== 'string' || marksOf(value).length === 0) return false;
  const pointer = path.replaceAll(/\[\d+\]/g, '/*').replaceAll('.', '/');
  return sent.nodesAt(`/${pointer}`).includes(value);
}

/** Whether the value stands at the pointer; words and levels may be the vendor's own. */
function isAtPointer(pointer: string, { row, rest }: MatrixPlace, value: JsonValue, sent: SentBody): boolean {
  return sent.nodesAt(pointer).some((node) => {
    const target = rest === '' ? node : valueAt(asJson(node), rest);
    if (target === undefined) return false;
    if (typeof value === 'string' && marksOf(value).length > 0) return holdsValue(target, value);
    if (typeof value === 'number') return holdsValue(target, value);
    // A level is called the same everywhere; other words are the vendor's own.
    if (row.field === 'reasoning_effort') return isLevel(target, value);
    // Whether there is thinking at all is said by words that have been looked for already.
    if (row.field === 'reasoning_budget') return false;
    return rest === '' || isSameWord(target, value);
  });
}

/** Which of Google's budgets the levels are taken to be: nothing is said where one is as exact as the other. */
const BUDGETS: Readonly<Record<string, number>> = { minimal: 512, low: 1024, medium: 8192, high: 24_576 };

/** No thinking at all is a word or a number of its own. */
function isLevel(found: JsonValue, level: JsonValue): boolean {
  if (found === 0) return level === 'none';
  if (typeof found === 'number') return BUDGETS[lowerWord(level)] === found;
  const words = [...leavesOf(found).values()].map(lowerWord);
  const wanted = level === 'none' ? ['none', 'disabled'] : [lowerWord(level)];
  return wanted.some((word) => words.includes(word));
}

function asJson(node: JsonValue): JsonValue {
  if (typeof node !== 'string' || !/^\s*[[{]/.test(node)) return node;
  return JSON.parse(node) as JsonValue;
}

/** Types are in capitals in Gemini's older schemas. */
function isSameWord(found: JsonValue, value: JsonValue): boolean {
  if (typeof found !== 'string' || typeof value !== 'string') return isSameJson(found, value);
  return found.toLowerCase() === value.toLowerCase();
}

/** What the matrix has no row for: its mark or its number stands somewhere, said by who said it. */
function isAnywhere(path: string, value: JsonValue, passage: Passage, rules: DialectRules): boolean {
  const { sent } = passage;
  if (typeof value === 'number' && isMarkedNumber(value)) return sent.pathsOf(value).length > 0;
  if (typeof value !== 'string' || marksOf(value).length === 0) return false;
  return holdsValue(sent.json, value) && isInRole(path, value, passage, rules);
}

/** What is said must not change who said it. */
function isInRole(path: string, value: JsonValue, { sent, body }: Passage, rules: DialectRules): boolean {
  const asked = rules.roleOf(path, body);
  const [mark] = typeof value === 'string' ? marksOf(value) : [];
  if (asked === null || mark === undefined) return true;
  return sent.pathsOfMark(mark).some((place) => (ROLES[asked] ?? []).includes(sent.roleAt(place)));
}

const ROLES: Readonly<Record<string, readonly string[]>> = {
  system: ['system', 'developer'],
  user: ['user'],
  assistant: ['assistant', 'model'],
  tool: ['tool', 'user'],
};

/** Words that say of what kind their neighbours are go with them: these must all be sent or told, each for itself. */
function isToldByNeighbours(path: string, { body }: Passage): boolean {
  const holder = valueAt(body, path.slice(0, path.lastIndexOf('.')));
  return typeof holder === 'object' && holder !== null && Object.keys(holder).length > 1;
}
