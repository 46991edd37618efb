import { findGateway } from '../client.ts';
import type { ExitCode } from '../command-error.ts';
import { generationPages } from './generation-list.ts';
import type { Terminal } from '../terminal.ts';
import { totalOf, UsageSum, type UsageGrouping } from './usage-groups.ts';
import { asidesText, usageText } from './usage-view.ts';

export interface UsageOptions {
  /** How far back, in milliseconds. */
  readonly since: number;
  readonly by: UsageGrouping;
  readonly json?: boolean;
  readonly state?: string;
}

/** `candor usage`: requests, tokens and cost of the time up to now, by the chosen group. What is not known is counted apart. */
export async function runUsage(options: UsageOptions, terminal: Terminal): Promise<ExitCode> {
  const gateway = findGateway(terminal, options.state);
  const since = new Date(Date.now() - options.since).toISOString();
  try {
    const sum = new UsageSum(options.by);
    for await (const page of generationPages(gateway, { since, aside: 'any' })) {
      for (const generation of page) sum.add(generation);
    }
    const groups = sum.groups();
    if (options.json === true) {
      const total = totalOf(groups);
      const report = {
        object: 'usage',
        since,
        by: options.by,
        groups,
        total,
        asides: sum.asides,
        within: sum.within,
        running: sum.running,
      };
      terminal.out(`${JSON.stringify(report)}\n`);
      return 0;
    }
    terminal.out(usageText(groups, options.by));
    terminal.out(asidesText(sum));
    const total = totalOf(groups);
    if (total.unknown_tokens > 0) terminal.say(`candor: ?: the tokens of ${total.unknown_tokens} are not known\n`);
    if (sum.running > 0) terminal.say(`candor: ${sum.running} under way, counted when they have ended\n`);
    return 0;
  } finally {
    await gateway.close();
  }
}
