import { costText } from '../format.ts';
import { alignedRows, plainText } from '../text.ts';
import { totalOf, type UsageGroup, type UsageGrouping } from './usage-groups.ts';

/** What requests belong to that have no such thing. */
const NOBODY: Readonly<Record<UsageGrouping, string>> = {
  route: '(no route)',
  model: '(nobody)',
  deployment: '(nobody)',
  key: '(no key)',
  day: '(no date)',
};

/** A row for each group, and one for all. */
export function usageText(groups: readonly UsageGroup[], grouping: UsageGrouping): string {
  if (groups.length === 0) return 'no requests\n';
  const titles = [grouping, 'requests', 'errors', 'fallbacks', 'tokens in', 'tokens out', 'cost'];
  const rows = [
    titles,
    ...groups.map((group) => row(group.name ?? NOBODY[grouping], group)),
    row('all', totalOf(groups)),
  ];
  return alignedRows(rows, ['left', 'right', 'right', 'right', 'right', 'right', 'left'])
    .map((line) => ` ${line}\n`)
    .join('');
}

/** What Candor itself asked besides. */
export function asidesText(asides: UsageGroup): string {
  return ` besides, Candor itself asked ${asides.requests === 1 ? 'once' : `${asides.requests} times`}: ${spentText(asides)}\n`;
}

function row(name: string, group: UsageGroup): readonly string[] {
  const counts = [group.requests, group.errors, group.fallbacks].map(String);
  const more = group.unknown_tokens === 0 ? '' : '+?';
  const tokens = [group.tokens_in, group.tokens_out].map((count) => `${count}${more}`);
  return [plainText(name), ...counts, ...tokens, spentText(group)];
}

function spentText({ cost, unknown_cost: unknown, requests, simulated }: UsageGroup): string {
  const notes = [unknown === 0 ? '' : ` + ${unknown} of unknown cost`];
  if (simulated > 0) notes.push(simulated === requests ? ' (simulated)' : ` (${simulated} simulated)`);
  return `${costText(cost)}${notes.join('')}`;
}
