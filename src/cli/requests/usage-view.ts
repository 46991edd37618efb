import { costText } from '../format.ts';
import { alignedRows, plainText } from '../text.ts';
import { totalOf, type UsageGroup, type UsageGrouping, type UsageSum } from './usage-groups.ts';

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

/** What Candor itself asked besides, and what for these requests; nothing where it did not. */
export function asidesText({ asides, within }: Pick<UsageSum, 'asides' | 'within'>): string {
  const line = (begin: string, group: UsageGroup): string =>
    group.requests === 0
      ? ''
      : ` ${begin} ${group.requests === 1 ? 'once' : `${group.requests} times`}: ${spentText(group)}\n`;
  return (
    line('besides, Candor itself asked', asides) +
    line('in these costs, Candor asked judges and second opinions', within)
  );
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
