import type { JsonObject } from '../../core/json.ts';
import { costText, durationText } from '../format.ts';
import { type Alignment, alignedRows } from '../text.ts';
import type { PlayedArm, PlayedDemo, PlayedScene } from './play-scenes.ts';
import { differenceOf, type Spent, sumOf } from './scene.ts';

const NANO = 1e9;
const COST_ALIGNMENTS: readonly Alignment[] = ['left', 'left', 'right', 'right', 'right'];

/** The demo as data: no ids, no dates, no real time, so that the same seed gives the same text. */
export function demoJson({ seed, scenes, certificates }: PlayedDemo): JsonObject {
  return {
    object: 'demo',
    seed,
    simulated: true,
    scenes: scenes.map(({ key, title, situation, mechanism, isCaught, arms }) => ({
      key,
      title,
      situation,
      mechanism,
      caught: isCaught,
      plain: armJson(arms.plain),
      candor: armJson(arms.candor),
    })),
    caught: scenes.filter(({ isCaught }) => isCaught).length,
    cost: {
      extra: spentJson(extraOf(scenes)),
      certificates: spentJson(certificates),
    },
  };
}

function armJson({ figures, lines, spent }: PlayedArm): JsonObject {
  return { ...figures, summary: lines.join('; '), spent: spentJson(spent) };
}

function spentJson({ calls, costNanoUsd, waitedMs }: Spent): JsonObject {
  return { calls, cost_usd: costNanoUsd === null ? null : costNanoUsd / NANO, virtual_ms: Math.round(waitedMs) };
}

/** What Candor took more than the plain proxy did, where both had work. */
function extraOf(scenes: readonly PlayedScene[]): Spent {
  return scenes
    .filter((scene) => !isRefused(scene))
    .map(extraOfScene)
    .reduce(sumOf);
}

/** Less work is no gain where it was refused. */
function isRefused({ arms }: PlayedScene): boolean {
  return arms.candor.spent.calls === 0 && arms.plain.spent.calls > 0;
}

function extraOfScene({ arms }: PlayedScene): Spent {
  return differenceOf(arms.candor.spent, arms.plain.spent);
}

/**
 * The demo as a person reads it.
 * @param columns how many characters a line holds, if that is known
 */
export function demoText(demo: PlayedDemo, columns = Infinity): string {
  const wide = alignedRows([['', '', 'plain proxy', 'candor'], ...demo.scenes.flatMap(sceneRows)], FOUR_LEFT);
  const fits = wide.every((line) => MARGIN.length + line.length <= columns);
  const failures = fits ? wide : demo.scenes.flatMap(sceneLines);
  const costs = alignedRows(
    [['what candor cost', '', 'calls', 'money', 'virtual time'], ...costRows(demo)],
    COST_ALIGNMENTS,
  );
  const caught = demo.scenes.filter(({ isCaught }) => isCaught).length;
  return [
    '',
    'Same prompts, same simulated models: a plain failover proxy, and this gateway.',
    '',
    ...failures,
    '',
    ...costs,
    '',
    `${caught} of ${demo.scenes.length} failures caught. \`candor demo --help\` says what the plain proxy is.`,
    '',
  ]
    .map((line) => (line === '' ? '\n' : `${MARGIN}${line}\n`))
    .join('');
}

const MARGIN = '  ';
const FOUR_LEFT: readonly Alignment[] = ['left', 'left', 'left', 'left'];

/** Where a window is too narrow for one row. */
function sceneLines(scene: PlayedScene, index: number): readonly string[] {
  const rows = sceneRows(scene, index).map(([, , plain = '', candor = '']) => ({ plain, candor }));
  return [
    `${index + 1} ${scene.title}: ${scene.situation}`,
    ...rows.filter(({ plain }) => plain !== '').map(({ plain }) => `    plain proxy  ${plain}`),
    ...rows.map(({ candor }, row) => `    ${row === 0 ? 'candor     ' : '           '}  ${candor}`),
  ];
}

function sceneRows(
  { title, situation, mechanism, isCaught, arms }: PlayedScene,
  index: number,
): readonly (readonly string[])[] {
  const { plain, candor } = arms;
  const verdict = isCaught ? `by ${mechanism}` : `NOT CAUGHT by ${mechanism}`;
  const right = [...candor.lines, verdict];
  return right.map((line, row) => [
    row === 0 ? `${index + 1} ${title}` : '',
    row === 0 ? situation : '',
    plain.lines[row] ?? '',
    line,
  ]);
}

function costRows({ scenes, certificates }: PlayedDemo): readonly (readonly string[])[] {
  const rows = scenes.map((scene, index) =>
    costRow(`${index + 1} ${scene.title}`, isRefused(scene) ? 'refused: not in the sum' : '', extraOfScene(scene)),
  );
  const total = sumOf(extraOf(scenes), certificates);
  return [...rows, costRow('certificate', 'earned before the outage', certificates), costRow('in all', '', total)];
}

function costRow(name: string, remark: string, { calls, costNanoUsd, waitedMs }: Spent): readonly string[] {
  const money = costNanoUsd === null ? costText(null) : signed(costNanoUsd, (nano) => costText(nano / NANO));
  return [name, remark, signed(calls, String), money, signed(Math.round(waitedMs), durationText)];
}

function signed(value: number, text: (amount: number) => string): string {
  return value === 0 ? '0' : `${value < 0 ? '−' : '+'}${text(Math.abs(value))}`;
}

/** What the machine took, which is another figure each time: for standard error. */
export function realTimeLine({ wallMs }: PlayedDemo): string {
  const [plain, candor] = [median(wallMs.plain), median(wallMs.candor)].map((ms) => `${ms.toFixed(1)} ms`);
  return `Real time of one extraction in the median, simulator and client included: plain proxy ${plain}, candor ${candor}.`;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
