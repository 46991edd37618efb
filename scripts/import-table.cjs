// Which folder of src/ may import which others. ARCHITECTURE.md shows it; `npm run check` enforces it.
// A folder may always import itself, and test files may import anything.
const importTable = {
  core: [],
  wire: ['core'],
  transport: ['core'],
  catalog: ['core'],
  config: ['core'],
  dialects: ['core', 'wire'],
  threads: ['core'],
  validation: ['core', 'threads'],
  telemetry: ['core'],
  ledger: ['core'],
  tokens: ['core', 'threads'],
  confidence: ['core', 'telemetry'],
  substitution: ['core', 'telemetry'],
  prompts: ['core', 'catalog'],
  hooks: ['core'],
  routing: ['core', 'catalog', 'telemetry'],
  providers: ['core', 'wire', 'transport', 'catalog'],
  pipeline: [
    'core',
    'routing',
    'prompts',
    'providers',
    'transport',
    'validation',
    'ledger',
    'catalog',
    'tokens',
    'telemetry',
    'hooks',
    'confidence',
    'substitution',
  ],
  server: ['core', 'dialects', 'pipeline', 'ledger', 'tokens', 'telemetry'],
  simulator: ['core', 'wire'],
  cli: ['core', 'config', 'transport', 'simulator', 'ledger', 'catalog', 'substitution', 'gateway.ts', 'keeper.ts'],
};

/** Files of src/ itself, which may import every folder: where the parts are put together, and what is public. */
const roots = ['gateway.ts', 'keeper.ts', 'index.ts', 'testing.ts'];

module.exports = { importTable, roots };
