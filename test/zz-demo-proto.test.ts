import { test } from 'vitest';
import { startArm } from '../src/cli/demo/arm.ts';
import { LoopbackTraffic } from '../src/cli/demo/loopback-traffic.ts';
import { peakHour } from '../src/cli/demo/peak-hour.ts';
import { randomFrom } from '../src/simulator/random.ts';
test('x', async () => {
  const traffic = new LoopbackTraffic();
  for (let seed = 1; seed <= 12; seed++) {
    const arm = await startArm('candor', seed, traffic);
    const t0 = performance.now();
    const { figures, answered } = await peakHour.play(arm, randomFrom(seed, 'peak_hour'), []);
    console.log('##', seed, JSON.stringify(figures), answered.map(({asked}, i) => asked.ttftMs > 2000 ? i : -1).filter((i) => i >= 0).join(','), performance.now() - t0);
    await arm.close();
  }
  traffic.close();
}, 120000);
