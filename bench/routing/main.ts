// `npm run bench:routing`: CRITERIA.md says what is measured and when it is good. Exit code 0: accepted; 1: not, or something
// did not work; 2: wrong usage.
import { parseArgs } from 'node:util';
import { readDataSets } from './data-sets.ts';
import { drawSeeds, judgeHeldOut, proveHalfLife, proveWorld } from './proof.ts';
import { renderReport, reportJson } from './report.ts';
import { WORLDS } from './world-library.ts';

const USAGE = `usage: npm run bench:routing -- [--quick] [--part tuning|held-out] [--only WORLD] [--json]
  --quick      3 seeds for 30, and no other half-lives
  --part PART  the worlds of one part only
  --only NAME  one world: ${WORLDS.map(({ name }) => name).join(', ')}
  --json       one line of JSON on standard output
CANDOR_DATA names the folder of the data sets.`;

const MASTER_SEED = 1;
const SEEDS = 30;
const QUICK_SEEDS = 3;
const HALF_LIVES_MINUTES = [2, 5, 15];
const HALF_LIFE_SEEDS = 10;

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  part: { type: 'string' },
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

function main(): number {
  let values;
  try {
    ({ values } = parseArgs({ options: OPTIONS }));
  } catch (error) {
    return wrongUsage(error instanceof Error ? error.message : String(error));
  }
  const { quick, part, only, json } = values;
  const descriptions = WORLDS.filter(
    (world) => (part === undefined || world.part === part) && (only === undefined || world.name === only),
  );
  if (descriptions.length === 0) return wrongUsage('there is no such world');
  const folder = process.env['CANDOR_DATA'];
  if (folder === undefined) return wrongUsage('CANDOR_DATA is not set');
  const data = readDataSets(folder);
  const seeds = drawSeeds(MASTER_SEED, quick ? QUICK_SEEDS : SEEDS);
  const worlds = descriptions.map((description) => {
    const result = proveWorld(description, data, seeds);
    console.error(`${description.name}: ${result.verdict}`);
    return result;
  });
  const hasAllHeldOut = WORLDS.every((world) => world.part === 'tuning' || descriptions.includes(world));
  const heldOut = hasAllHeldOut ? judgeHeldOut(worlds) : null;
  const sensitivity = quick
    ? []
    : descriptions.flatMap((description) =>
        HALF_LIVES_MINUTES.map((minutes) => proveHalfLife(description, data, seeds.slice(0, HALF_LIFE_SEEDS), minutes)),
      );
  console.log((json ? reportJson : renderReport)({ worlds, heldOut, sensitivity }));
  const stationaryHolds = worlds.every(({ name, verdict }) => !name.startsWith('stationary') || verdict !== 'loss');
  return stationaryHolds && (heldOut === null || heldOut.isAccepted) ? 0 : 1;
}

function wrongUsage(problem: string): number {
  console.error(`${problem}\n${USAGE}`);
  return 2;
}

process.exitCode = main();
