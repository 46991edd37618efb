import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One measured request to an endpoint. */
export interface LatencySample {
  readonly ttftMs: number;
  readonly tokensPerSecond: number;
  /** The status it failed with; -1: the connection broke. */
  readonly error: number | null;
}

/** Who answered a question right. */
export interface Question {
  readonly mixtral: boolean;
  readonly gpt4: boolean;
}

export interface Arrival {
  /** Since the row before. */
  readonly gapMs: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
}

/** What the worlds are made of. Where it is from, and under which licence, is in docs/routing-proof.md. */
export interface DataSets {
  readonly pools: ReadonlyMap<string, readonly LatencySample[]>;
  readonly questions: readonly Question[];
  readonly arrivals: readonly Arrival[];
}

/**
 * Reads the three files.
 * @throws Error when one cannot be read or holds a row that cannot be understood
 */
export function readDataSets(folder: string): DataSets {
  return {
    pools: readPools(join(folder, 'latency-pools.json')),
    questions: rowsOf(join(folder, 'outcomes-mmlu-two-models.csv')).map((row) => ({
      mixtral: truth(row[2]),
      gpt4: truth(row[3]),
    })),
    arrivals: readArrivals(join(folder, 'arrivals-conversation.csv')),
  };
}

interface PoolFile {
  readonly pools: Readonly<
    Record<string, readonly { readonly ttft_s: number; readonly tokens_per_s: number; readonly error: number | null }[]>
  >;
}

function readPools(path: string): ReadonlyMap<string, readonly LatencySample[]> {
  const { pools } = JSON.parse(readFileSync(path, 'utf8')) as PoolFile;
  const entries = Object.entries(pools).map(([name, samples]) => {
    const read = samples.map((sample): LatencySample => ({
      ttftMs: sample.ttft_s * 1000,
      tokensPerSecond: sample.tokens_per_s,
      error: sample.error,
    }));
    return [name, read] as const;
  });
  return new Map(entries);
}

function readArrivals(path: string): readonly Arrival[] {
  const rows = rowsOf(path).map((row) => ({
    // The trace has seven digits of a second; a date has three.
    atMs: Date.parse(`${String(row[0]).slice(0, 23).replace(' ', 'T')}Z`),
    promptTokens: Number(row[1]),
    answerTokens: Number(row[2]),
  }));
  const bad = rows.findIndex((row) => !(row.atMs > 0 && row.promptTokens > 0 && row.answerTokens > 0));
  if (bad >= 0) throw new Error(`${path}: row ${bad + 3} is not a timestamp and two numbers of tokens`);
  return rows.map(({ atMs, promptTokens, answerTokens }, index) => ({
    gapMs: Math.max(0, atMs - (rows[index - 1]?.atMs ?? atMs)),
    promptTokens,
    answerTokens,
  }));
}

/** The rows below the comment and the names of the columns. */
function rowsOf(path: string): readonly (readonly string[])[] {
  const lines = readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines.slice(1).map((line) => line.split(','));
}

function truth(text: string | undefined): boolean {
  if (text !== 'True' && text !== 'False') throw new Error(`the table of outcomes has "${text}" for True or False`);
  return text === 'True';
}
