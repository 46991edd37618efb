import { test } from 'vitest';

import { expectOneForm } from '../support/formatted-config.ts';

test('1,000 configs, however untidy, have one form each, which says the same and keeps every comment', () => {
  expectOneForm({ configs: 1000, seed: 20_261_123 });
}, 600_000);
