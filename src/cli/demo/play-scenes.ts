import type { JsonObject } from '../../core/json.ts';
import { randomFrom } from '../../simulator/random.ts';
import { type Arm, startArm } from './arm.ts';
import type { ArmName } from './arm-config.ts';
import { LoopbackTraffic } from './loopback-traffic.ts';
import { extraction, malformedJson } from './malformed-json.ts';
import { outage } from './outage.ts';
import { peakHour } from './peak-hour.ts';
import { residency } from './residency.ts';
import { type Answered, NOTHING_SPENT, type Scene, type Spent, spentOn, sumOf } from './scene.ts';
import { whoAnswered } from './who-answered.ts';

/** What came of one scene at both gateways. */
export interface PlayedScene {
  readonly key: string;
  readonly title: string;
  readonly situation: string;
  readonly mechanism: string;
  readonly isCaught: boolean;
  readonly arms: Readonly<Record<ArmName, PlayedArm>>;
}

export interface PlayedArm {
  readonly figures: JsonObject;
  readonly lines: readonly string[];
  readonly spent: Spent;
}

/** What came of the demo. */
export interface PlayedDemo {
  readonly seed: number;
  readonly scenes: readonly PlayedScene[];
  /** What Candor's certificates took before they were needed. */
  readonly certificates: Spent;
  /** Real milliseconds that each of some equal requests took in the end, simulator and client included. */
  readonly wallMs: Readonly<Record<ArmName, readonly number[]>>;
}

interface Stage {
  readonly arm: Arm;
  readonly answered: Answered[];
  prepared: Spent;
}

type Stages = Readonly<Record<ArmName, Stage>>;

/** Virtual time between two scenes. */
const PAUSE_MS = 600_000;
/** Enough for a median, and little beside the scenes. */
const TIMED_REQUESTS = 30;

const SCENES: readonly ((stages: Stages, seed: number) => Promise<PlayedScene>)[] = [
  (stages, seed) => playScene(malformedJson, stages, seed),
  (stages, seed) => playScene(peakHour, stages, seed),
  (stages, seed) => playScene(outage, stages, seed),
  (stages, seed) => playScene(residency, stages, seed),
  (stages, seed) => playScene(whoAnswered, stages, seed),
];

/**
 * Plays the five failures before a plain proxy and before Candor. The same seed gives the same figures.
 * @param onScene told of each scene as it has ended
 * @throws the reason of the signal, once everything is closed
 */
export async function playScenes(
  seed: number,
  signal: AbortSignal,
  onScene: (scene: PlayedScene, place: number) => void,
): Promise<PlayedDemo> {
  const traffic = new LoopbackTraffic();
  const arms: Arm[] = [];
  try {
    const begin = async (name: ArmName): Promise<Stage> => {
      const arm = await startArm(name, { seed, traffic, signal });
      arms.push(arm);
      return { arm, answered: [], prepared: NOTHING_SPENT };
    };
    const stages: Stages = { plain: await begin('plain'), candor: await begin('candor') };
    const scenes: PlayedScene[] = [];
    for (const play of SCENES) {
      const scene = await play(stages, seed);
      scenes.push(scene);
      onScene(scene, scenes.length);
    }
    const wallMs = await timeRequests(stages);
    return { seed, scenes, certificates: stages.candor.prepared, wallMs };
  } finally {
    for (const arm of arms) await arm.close();
    traffic.close();
  }
}

async function playScene<Figures extends JsonObject>(
  scene: Scene<Figures>,
  { plain, candor }: Stages,
  seed: number,
): Promise<PlayedScene> {
  const { key, title, situation, mechanism } = scene;
  const [plainPlay, candorPlay] = [await playArm(scene, plain, seed), await playArm(scene, candor, seed)];
  return {
    key,
    title,
    situation,
    mechanism,
    isCaught: scene.isCaught(plainPlay.figures, candorPlay.figures),
    arms: { plain: plainPlay, candor: candorPlay },
  };
}

async function playArm<Figures extends JsonObject>(
  scene: Scene<Figures>,
  stage: Stage,
  seed: number,
): Promise<PlayedArm & { readonly figures: Figures }> {
  const { arm } = stage;
  const draws = randomFrom(seed, scene.key);
  // What the scene before did to circuits is over.
  await arm.clock.run(arm.clock.at(arm.clock.now() + PAUSE_MS));
  const { figures, answered, prepared } = await scene.play(arm, draws, stage.answered);
  stage.answered.push(...answered);
  stage.prepared = sumOf(stage.prepared, prepared ?? NOTHING_SPENT);
  return {
    figures,
    lines: scene.tell(figures, arm.name),
    spent: spentOn(answered),
  };
}

/** By turns, and when both gateways are warm. */
async function timeRequests({ plain, candor }: Stages): Promise<PlayedDemo['wallMs']> {
  const wallMs = { plain: [] as number[], candor: [] as number[] };
  for (let round = 0; round < TIMED_REQUESTS; round++) {
    for (const { arm } of [plain, candor]) {
      const { wallMs: tookMs } = await arm.clock.run(
        arm.ask(extraction(`Invoice: B-${round}. Customer: the mill. Total: 20 EUR.`)),
      );
      wallMs[arm.name].push(tookMs);
    }
  }
  return wallMs;
}
