import type { Estimate } from './paired.ts';
import type { HeldOutResult, PolicyResult, SensitivityResult, WorldResult } from './proof.ts';

/** Everything one run of the benchmark found. */
export interface RoutingProof {
  readonly worlds: readonly WorldResult[];
  /** `null`: not every held-out world was run. */
  readonly heldOut: HeldOutResult | null;
  readonly sensitivity: readonly SensitivityResult[];
}

/** The report as Markdown. */
export function renderReport({ worlds, heldOut, sensitivity }: RoutingProof): string {
  const seeds = worlds[0]?.seeds.length ?? 0;
  return [
    '# Routing proof',
    `By \`CRITERIA.md\`, ${seeds} seeds. Costs are USD for 1,000 accepted answers at assumed prices; differences are Candor's less the other policy's, with their 95 % bootstrap intervals.`,
    '## Candor, the best static policy in hindsight, and the clairvoyant',
    summaryTable(worlds),
    ...(heldOut === null ? [] : [heldOutLine(heldOut)]),
    ...(sensitivity.length === 0
      ? []
      : ['## Half-life of what is seen of speed and errors', sensitivityTable(sensitivity)]),
    ...worlds.flatMap((world) => [`## ${world.name} (${world.part}): ${world.verdict}`, policyTable(world)]),
    '',
  ].join('\n\n');
}

/** The seeds, and of each policy its means and differences; the runs themselves are left out. */
export function reportJson({ worlds, heldOut, sensitivity }: RoutingProof): string {
  const policyOf = ({ name, isStatic, means, cost, misses }: PolicyResult): object => ({
    name,
    isStatic,
    ...means,
    cost,
    misses,
    missShare: means.misses,
  });
  return JSON.stringify({
    worlds: worlds.map(({ name, part, seeds, verdict, bestStatic, policies }) => ({
      name,
      part,
      seeds,
      verdict,
      bestStatic: bestStatic.name,
      policies: policies.map(policyOf),
    })),
    heldOut,
    sensitivity,
  });
}

function summaryTable(worlds: readonly WorldResult[]): string {
  const rows = worlds.map(({ name, part, bestStatic, candor, clairvoyant, verdict }) => [
    name,
    part,
    verdict === 'loss' ? '**loss**' : verdict,
    bestStatic.name,
    dollars(bestStatic),
    dollars(candor),
    dollars(clairvoyant),
    percents(bestStatic.cost),
    percent(bestStatic.means.misses),
    percent(candor.means.misses),
    percent(clairvoyant.means.misses),
    percent(candor.means.late),
  ]);
  return table(
    [
      'world',
      'part',
      'verdict',
      'best static',
      'its cost',
      "Candor's",
      "clairvoyant's",
      'Candor to best static',
      'misses, best static',
      'misses, Candor',
      'misses, clairvoyant',
      'late, Candor',
    ],
    rows,
    4,
  );
}

function heldOutLine({ cost, misses, isAccepted }: HeldOutResult): string {
  return `Held-out worlds together, against the best static policy of each: cost ${percents(cost)}, misses ${percents(misses)}: ${isAccepted ? 'accepted' : '**not accepted**'}.`;
}

function sensitivityTable(results: readonly SensitivityResult[]): string {
  const names = [...new Set(results.map(({ world }) => world))];
  const halfLives = [...new Set(results.map(({ halfLifeMinutes }) => halfLifeMinutes))];
  const cell = (world: string, minutes: number): string => {
    const found = results.find((each) => each.world === world && each.halfLifeMinutes === minutes);
    if (found === undefined) return '';
    return `${perThousand(found.nanoUsdPerAccepted)} · ${percent(found.misses)} · ${percent(found.late)}`;
  };
  const rows = names.map((world) => [world, ...halfLives.map((minutes) => cell(world, minutes))]);
  return table(['cost · misses · late', ...halfLives.map((minutes) => `${minutes} min`)], rows, 1);
}

function policyTable({ policies, bestStatic }: WorldResult): string {
  const rows = policies.map((policy) => {
    const { name, means, cost, misses } = policy;
    const isCandor = name === 'candor';
    return [
      policy === bestStatic ? `**${name}**` : name,
      dollars(policy),
      percent(means.misses),
      percent(means.late),
      percent(means.failed),
      percent(means.bad),
      means.attemptsPerRequest.toFixed(3),
      isCandor ? '–' : percents(cost),
      isCandor ? '–' : percents(misses),
    ];
  });
  return table(
    ['policy', 'cost', 'misses', 'late', 'failed', 'bad', 'attempts', "Candor's cost to it", "Candor's misses to it"],
    rows,
    1,
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[], leftColumns: number): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column < leftColumns ? '---' : '--:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

function dollars({ means }: PolicyResult): string {
  return perThousand(means.nanoUsdPerAccepted);
}

function perThousand(nanoUsd: number): string {
  return (nanoUsd / 1e6).toFixed(3);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function percents({ mean, low, high }: Estimate): string {
  return `${signed(mean)} % (${signed(low)} to ${signed(high)})`;
}

function signed(share: number): string {
  const text = Math.abs(share * 100).toFixed(1);
  return text === '0.0' ? '0.0' : `${share < 0 ? '−' : '+'}${text}`;
}
