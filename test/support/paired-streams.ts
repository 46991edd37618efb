import { Chance } from '../../src/routing/chance.ts';
import { eValue, startEProcess, withDifference } from '../../src/substitution/e-process.ts';

/** Two models of which one is right where the other is not in so many requests of all, with such a mean difference. */
export interface PairedWorld {
  readonly discordance: number;
  readonly difference: number;
}

/** Decides after each difference whether it is enough; it looks each time. */
export interface Judge {
  add(difference: number): boolean;
}

/** A draw for each run of each world. */
export function runDraw(nth: number, salt: number): number {
  return ((nth + 1) * 0.618_033_988_75 + salt * 0.414_213_562) % 1;
}

/** −1, 0 or 1 each time. */
export function drawDifference({ discordance, difference }: PairedWorld, chance: Chance): number {
  const drawn = chance.next();
  if (drawn < (discordance - difference) / 2) return -1;
  return drawn < discordance ? 1 : 0;
}

/** How many pairs each of so many streams needs until the judge is content; `null`: it never is. */
export function pairsUntilGranted(
  judge: () => Judge,
  draw: (chance: Chance, nth: number) => number,
  { streams, pairs, salt }: { readonly streams: number; readonly pairs: number; readonly salt: number },
): readonly (number | null)[] {
  return Array.from({ length: streams }, (_, stream) => {
    const chance = new Chance(runDraw(stream, salt));
    const looking = judge();
    for (let nth = 0; nth < pairs; nth++) if (looking.add(draw(chance, nth))) return nth + 1;
    return null;
  });
}

/** Share of the streams that were granted. */
export function grantedShare(outcomes: readonly (number | null)[]): number {
  return outcomes.filter((pairs) => pairs !== null).length / outcomes.length;
}

/** So many pairs at most in such a share of the streams; `null`: fewer were granted. */
export function quantilePairs(outcomes: readonly (number | null)[], share: number): number | null {
  const granted = outcomes.filter((pairs) => pairs !== null).sort((one, other) => one - other);
  return granted[Math.ceil(outcomes.length * share) - 1] ?? null;
}

/** What certificates use: of the claim that nothing is lost beyond the margin, or that something is. */
export function bettingJudge(margin: number, claim: 'no-worse' | 'worse' = 'no-worse', threshold = 20): Judge {
  let process = startEProcess(claim, margin);
  return {
    add(difference) {
      process = withDifference(process, difference);
      return eValue(process) >= threshold;
    },
  };
}

/** What most people would use: a z-test at 5 %, here from 30 pairs on, done again after each pair. */
export function naiveJudge(margin: number): Judge {
  let [pairs, sum, squares] = [0, 0, 0];
  return {
    add(difference) {
      pairs++;
      sum += difference;
      squares += difference * difference;
      const mean = sum / pairs;
      const error = Math.sqrt(Math.max(0, squares / pairs - mean * mean) / pairs);
      return pairs >= 30 && mean + margin > 1.645 * error;
    },
  };
}
