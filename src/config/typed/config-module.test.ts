import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeEach, describe, expect, it, vi } from 'vitest';

import { evaluateConfigModule, type ConfigModule } from './config-module.ts';
import type { Diagnostic } from '../diagnostic.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'candor-module-'));
  return () => rmSync(folder, { recursive: true });
});

function evaluate(text: string): Promise<ConfigModule> {
  const file = join(folder, 'candor.config.ts');
  writeFileSync(file, text);
  return evaluateConfigModule(file, 'candor.config.ts');
}

async function refusals(text: string): Promise<readonly Diagnostic[]> {
  const module = await evaluate(text);
  return module.ok ? [] : module.diagnostics;
}

describe('a config module', () => {
  it('gives its config as JSON on its own lines, evaluated anew each time', async () => {
    const text = 'const name: string = "a";\nexport default {\n  models: { [name]: undefined,\n    b: 1 } };\n';
    const first = await evaluate(text);
    expect(first.ok && first.reader.read('candor.config.ts')).toEqual({ text: '\n{\n"models": {\n"b": 1}}\n' });
    const second = await evaluate(text.replace('b: 1', 'b: 2'));
    expect(second.ok && second.reader.read('candor.config.ts')).toMatchObject({
      text: expect.stringContaining('"b": 2'),
    });
  });

  it.each<readonly [string, string, string, RegExp, number]>([
    [
      'a function',
      'export default {\n  models: {\n    m: () => 1,\n  },\n};\n',
      'wrong-type',
      /^models\.m is a function/,
      3,
    ],
    ['a hook', 'export default {\n  hooks: {\n    tusk: () => 1,\n  },\n};\n', 'wrong-type', /^hooks\.tusk is a/, 3],
    ['a date', 'export default {\n  at: new Date(0),\n};\n', 'wrong-type', /^at is an instance of Date/, 2],
    ['what it throws', "const a = 1;\nthrow new Error('no way');\n", 'config-module', /evaluated: no way$/, 2],
    ['a getter', "export default {\n  get a() { throw new Error('no'); },\n};\n", 'config-module', /evaluated: no$/, 2],
    ['an error of syntax', 'export default {\n  a: [1,\n};\n', 'config-module', /cannot be evaluated: \S/, 3],
    ['an unknown package', "import 'no-such-package';\n", 'config-module', /no-such-package/, 1],
    ['no export', 'export const config = {};\n', 'config-module', /does not export a config by default/, 1],
    ['a function', 'export default () => ({});\n', 'config-module', /does not export a config by default/, 1],
  ])('is refused for %s', async (_, text, code, message, line) => {
    const found = await refusals(text);
    expect(found).toMatchObject([{ severity: 'error', code, file: 'candor.config.ts', line }]);
    expect(found[0]?.message).toMatch(message);
  });

  it('is given up when it waits for what never comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const found = refusals('await new Promise(() => {});\nexport default {};\n');
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await found).toMatchObject([
        { code: 'config-module', message: expect.stringMatching(/not done after 10 s$/) },
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('has no secret of it shown', async () => {
    const found = await refusals("export default { key: 'sk-0123456789abcdef', at: Symbol('x') };\n");
    expect(found).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain('0123456789');
  });
});
