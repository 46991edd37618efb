export { instantClock, realClock, type SimulatorClock } from './simulator/clock.ts';
export { startSimulator, type Simulator, type SimulatorOptions } from './simulator/simulator.ts';
