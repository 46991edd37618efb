import { type GenerationQuery, modelOf } from './generation-query.ts';
import type { SqliteValue } from './sqlite.ts';

/** A statement over the store's table of generations, and the values of its places. */
export interface Select {
  readonly sql: string;
  readonly values: readonly SqliteValue[];
}

/** Between the names of a row's data classes, and around them: no name has one. */
const DATA_SEPARATOR = '\n';

/** The stored form of a row's data classes. */
export function dataColumn(names: readonly string[]): string {
  return names.map((name) => `${DATA_SEPARATOR}${name}`).join('') + DATA_SEPARATOR;
}

/** Selects the given columns of the finished generations of a list, in its order. The same filters give the same text, to be prepared once. */
export function selectGenerations(columns: string, { filters, after, limit }: GenerationQuery): Select {
  const conditions: string[] = [];
  const values: SqliteValue[] = [];
  const where = (condition: string, ...bound: readonly SqliteValue[]): void => {
    conditions.push(condition);
    values.push(...bound);
  };
  for (const column of ['route', 'model', 'deployment', 'key'] as const) {
    const wanted = filters[column];
    if (wanted !== undefined) where(`${column} = ?`, wanted);
  }
  const { deployment, status, data, fallback, aside, sinceMs, untilMs } = filters;
  // What follows from the rest lets SQLite see that an index serves: there is one of models, and one of whatever is not complete.
  if (deployment !== undefined) where('model = ?', modelOf(deployment));
  if (status !== undefined) where(`status = ?${status === 'complete' ? '' : " AND status <> 'complete'"}`, status);
  if (data !== undefined) where('instr(data, ?) > 0', dataColumn([data]));
  for (const [column, wanted] of Object.entries({ fallback, aside })) {
    if (typeof wanted === 'string') where(`${column} = ?`, wanted);
    else if (wanted !== undefined) where(`${column} IS ${wanted ? 'NOT ' : ''}NULL`);
  }
  if (sinceMs !== undefined) where('created_ms >= ?', sinceMs);
  if (untilMs !== undefined) where('created_ms < ?', untilMs);
  if (after !== null) where('(created_ms, id) < (?, ?)', after.createdMs, after.id);
  values.push(limit);
  const condition = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  return { sql: `SELECT ${columns} FROM generations ${condition} ORDER BY created_ms DESC, id DESC LIMIT ?`, values };
}
