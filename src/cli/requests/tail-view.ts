import {
  arrayMember,
  isJsonObject,
  numberMember,
  objectMember,
  stringMember,
  type JsonObject,
} from '../../core/json.ts';
import { asideText, calibratedConfidence } from '../../core/record-lines.ts';
import { modelOf } from '../../ledger/store/generation-query.ts';
import type { Colours } from '../colours.ts';
import { durationText } from '../format.ts';
import { elapsedMs, servedDeployment } from './generation-facts.ts';
import { padded, plainText, shortened, type Alignment } from '../text.ts';

/** How rows are to look. */
export interface TailStyle {
  /** Characters to a line; `null`: as many as it takes. */
  readonly width: number | null;
  readonly colours: Colours;
  /** Whether ids may be links to their pages. */
  readonly links: boolean;
  /** IANA name; left out, the machine's own. */
  readonly timeZone?: string;
}

interface Column {
  readonly title: string;
  readonly width: number;
  /** How wide it may be where there is room. */
  readonly widest?: number;
  readonly alignment?: Alignment;
  readonly cell: (generation: JsonObject, style: TailStyle) => string;
}

const NONE = '–';
const WHOLE_ID = 30;
/** Enough for `candor trace`: the time it was made, and four digits by chance. */
const SHORT_ID = 18;
const SIMULATED = ' sim';
const SPACE = 2;
const INDENT = ' '.repeat(11);

const TIME: Column = { title: 'time', width: 8, cell: (generation, { timeZone }) => timeOf(generation, timeZone) };
const ROUTE: Column = { title: 'route', width: 8, cell: (generation) => text(generation, 'route') ?? NONE };
const WHO: Column = { title: 'asked → answered by', width: 22, widest: 28, cell: whoText };
const MARK: Column = { title: '', width: 11, cell: markText };
const TTFT: Column = {
  title: 'TTFT',
  width: 7,
  alignment: 'right',
  cell: (generation) => durationText(firstTokenMs(generation)),
};
const TOTAL: Column = {
  title: 'total',
  width: 7,
  alignment: 'right',
  cell: (generation) => durationText(elapsedMs(generation)),
};
const TOKENS: Column = { title: 'tok', width: 6, alignment: 'right', cell: tokensCell };
const COST: Column = { title: 'cost', width: 9, alignment: 'right', cell: costCell };
const CHECKS: Column = { title: 'checks', width: 16, widest: 40, cell: checksText };
const CONFIDENCE: Column = { title: 'conf', width: 4, alignment: 'right', cell: confidenceCell };

const COLUMNS: readonly Column[] = [TIME, ROUTE, WHO, MARK, TTFT, TOTAL, TOKENS, COST, CHECKS, CONFIDENCE];
/** What a narrow window may do without, the first to go first. */
const DISPENSABLE: readonly Column[] = [CONFIDENCE, CHECKS, TOKENS, TTFT, COST, TOTAL];

interface Layout {
  readonly columns: readonly Column[];
  readonly idWidth: number;
}

/** The columns that fit into the window, and how much of the id that ends each row. */
function layoutFor(width: number | null): Layout {
  if (width === null) return { columns: COLUMNS.map((column) => widened(column, Infinity)), idWidth: WHOLE_ID };
  let columns = COLUMNS;
  for (const column of DISPENSABLE) {
    if (widthOf(columns) + SHORT_ID <= width) break;
    columns = columns.filter((each) => each !== column);
  }
  const idWidth = widthOf(columns) + WHOLE_ID <= width ? WHOLE_ID : SHORT_ID;
  let room = width - widthOf(columns) - idWidth;
  columns = columns.map((column) => {
    const wider = widened(column, Math.max(0, room));
    room -= wider.width - column.width;
    return wider;
  });
  return { columns, idWidth };
}

function widened(column: Column, room: number): Column {
  return { ...column, width: Math.min(column.width + room, column.widest ?? column.width) };
}

/** All of a row but its id. */
function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + column.width + SPACE, 1 + SIMULATED.length);
}

/** The line above the rows. */
export function tailHeader(style: TailStyle): string {
  const { columns } = layoutFor(style.width);
  const titles = columns.map(({ title, width, alignment }) => padded(title, width, alignment));
  return `${style.colours.dim(` ${[...titles, 'id'].join('  ')}`)}\n`;
}

/** One generation that has ended: a row, and below it its attempts where one model was not enough. */
export function tailRow(generation: JsonObject, style: TailStyle): string {
  const { columns, idWidth } = layoutFor(style.width);
  const cells = columns.map(({ title, width, alignment, cell }) => {
    const content = padded(shortened(plainText(cell(generation, style)), width), width, alignment);
    return title === '' ? coloured(content, style.colours) : content;
  });
  const simulated = generation['simulated'] === true ? SIMULATED : '';
  const lines = [` ${[...cells, idText(generation, idWidth, style)].join('  ')}${simulated}`, ...details(generation)];
  return lines.map((line) => `${line}\n`).join('');
}

/** The local date of a generation, for the line between two days. */
export function dateOf(createdMs: number, timeZone?: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(createdMs);
}

function timeOf(generation: JsonObject, timeZone: string | undefined): string {
  const createdMs = Date.parse(text(generation, 'created_at') ?? '');
  if (Number.isNaN(createdMs)) return NONE;
  const zone = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat('sv-SE', { timeStyle: 'medium', ...zone }).format(createdMs);
}

/** One name when the model that was to answer did; both when not. */
function whoText(generation: JsonObject): string {
  const first = attemptsOf(generation)[0];
  const planned = arrayMember(generation, 'candidates')
    .filter(isJsonObject)
    .find((candidate) => candidate['verdict'] !== 'excluded');
  const intended = text(first ?? planned ?? {}, 'deployment');
  const asked = intended === null ? (text(generation, 'asked') ?? '?') : modelOf(intended);
  const served = servedDeployment(generation);
  if (served === null) return `${asked} → ✗`;
  if (served === intended) return asked;
  return modelOf(served) === asked ? `${intended ?? asked} → ${served}` : `${asked} → ${modelOf(served)}`;
}

/** What a row must not hide; empty for an answer that is as it should be. */
function markText(generation: JsonObject): string {
  const status = text(generation, 'status');
  if (status === 'failed') return (numberMember(generation, 'http') ?? 500) < 500 ? 'REFUSED' : 'FAILED';
  if (status !== 'complete') return (status ?? 'unknown').toUpperCase();
  if (objectMember(generation, 'fallback') !== null) return 'FALLBACK';
  return objectMember(generation, 'degraded') === null ? '' : 'DEGRADED';
}

function coloured(mark: string, colours: Colours): string {
  return /^(?:FALLBACK|DEGRADED|CANCELLED)/.test(mark) ? colours.yellow(mark) : colours.red(mark);
}

/** From the first attempt's start: what a client waits for. */
function firstTokenMs(generation: JsonObject): number | null {
  const attempts = attemptsOf(generation);
  const timings = objectMember(attempts.at(-1) ?? {}, 'timings_ms');
  const last = timings === null ? null : numberMember(timings, 'first_token');
  if (last === null) return null;
  return attempts.slice(0, -1).reduce((sum, attempt) => sum + (numberMember(attempt, 'ms') ?? 0), last);
}

function tokensCell(generation: JsonObject): string {
  const usage = objectMember(generation, 'usage');
  const total = usage === null ? null : numberMember(usage, 'total_tokens');
  return total === null ? NONE : String(total);
}

function costCell(generation: JsonObject): string {
  const cost = numberMember(generation, 'cost');
  if (cost === null) return 'unknown';
  return cost === 0 ? '$0' : `$${cost.toFixed(5)}`;
}

/** The verdict that matters most: a failure, else what is undecided, else all that passed. */
function checksText(generation: JsonObject): string {
  const verdicts = arrayMember(objectMember(generation, 'validation') ?? {}, 'verdicts').filter(isJsonObject);
  for (const [outcome, mark] of [
    ['fail', '✗'],
    ['abstain', '?'],
  ] as const) {
    const verdict = verdicts.find((each) => each['outcome'] === outcome);
    if (verdict !== undefined) return `${mark} ${text(verdict, 'validator') ?? ''}: ${text(verdict, 'reason') ?? ''}`;
  }
  return verdicts.length === 0 ? NONE : `✓ ${verdicts.map((verdict) => text(verdict, 'validator')).join(' ')}`;
}

/** Only what labels bear out: a score is no confidence. */
function confidenceCell(generation: JsonObject): string {
  return calibratedConfidence(generation)?.toFixed(2) ?? NONE;
}

function details(generation: JsonObject): readonly string[] {
  const attempts = attemptsOf(generation);
  const error = objectMember(generation, 'error');
  const tellsAttempts = attempts.length > 1 || (error !== null && attempts.length > 0);
  const aside = asideText(generation);
  const lines = [...(aside === null ? [] : [aside]), ...(tellsAttempts ? attempts.map(attemptText) : [])];
  if (error !== null) {
    const http = numberMember(generation, 'http');
    const sentence = shortened(text(error, 'message') ?? '', 160);
    lines.push(`${http === null ? '' : `HTTP ${http} `}${text(error, 'code') ?? ''}: ${sentence}`);
  } else if (text(generation, 'status') === 'interrupted') lines.push(text(generation, 'why') ?? '');
  return lines.map((line) => INDENT + plainText(line));
}

function attemptText(attempt: JsonObject, index: number): string {
  const kind = text(attempt, 'kind') ?? '?';
  const status = numberMember(attempt, 'status');
  const changes = arrayMember(attempt, 'adjustments').length;
  const outcome = kind === 'ok' ? 'answered' : `${status === null ? '' : `${status} `}${kind}`;
  const parts = [
    `${outcome} after ${durationText(numberMember(attempt, 'ms'))}`,
    changes === 0 ? null : `${changes} adjustment${changes === 1 ? '' : 's'}`,
    text(attempt, 'sim_fault') === null ? null : `simulated fault ${text(attempt, 'sim_fault') ?? ''}`,
  ];
  return `${index + 1} ${padded(text(attempt, 'deployment') ?? '?', 24)} ${parts.filter((part) => part !== null).join(', ')}`;
}

/** The id, whole or its beginning; on a terminal a link to its page (OSC 8). */
function idText(generation: JsonObject, width: number, { links }: TailStyle): string {
  const id = plainText((text(generation, 'id') ?? '').slice(0, width));
  const trace = text(generation, 'trace') ?? '';
  return links && /^https?:\/\/[\x21-\x7e]+$/.test(trace) ? `\u001b]8;;${trace}\u0007${id}\u001b]8;;\u0007` : id;
}

function attemptsOf(generation: JsonObject): readonly JsonObject[] {
  return arrayMember(generation, 'attempts').filter(isJsonObject);
}

function text(owner: JsonObject, member: string): string | null {
  return stringMember(owner, member);
}
