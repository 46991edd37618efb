import type { SimulatedProvider } from '../../config/load.ts';
import type { SimulatedKind } from '../../simulator/question.ts';
import type { SimulatorOptions } from '../../simulator/simulator.ts';
import { CommandError } from '../command-error.ts';

/** What the simulator is to play. @throws CommandError for a kind it cannot play */
export function simulatorProviders(simulated: ReadonlyMap<string, SimulatedProvider>): SimulatorOptions['providers'] {
  return Object.fromEntries(
    [...simulated].map(([name, { kind, models }]) => {
      if (!isSimulatedKind(kind))
        throw new CommandError(1, `there is no simulator for providers of kind ${kind} (providers.${name})`);
      return [name, { kind, models }];
    }),
  );
}

function isSimulatedKind(kind: string): kind is SimulatedKind {
  return ['openai', 'anthropic', 'google', 'vertex', 'deepseek', 'openai-compatible'].includes(kind);
}
