const { importTable } = require('./scripts/import-table.cjs');

const tests = '\\.test\\.ts$';

/** One rule per folder: from it, only itself, its row of the table, npm packages and Node's own modules. */
const folderRules = Object.entries(importTable).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import ${allowed.length === 0 ? 'nothing but itself' : allowed.join(', ')}`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: tests },
  to: {
    path: '^src/',
    pathNot: [folder, ...allowed].map((name) => (name.endsWith('.ts') ? `^src/${name}$` : `^src/${name}/`)),
  },
}));

module.exports = {
  forbidden: [
    ...folderRules,
    {
      name: 'providers-are-islands',
      comment:
        'a provider imports its own folder, those of the protocols that several speak, and the files beside them, not the registry',
      severity: 'error',
      from: { path: '^src/providers/([^/]+)/', pathNot: tests },
      to: {
        path: ['^src/providers/[^/]+/', '^src/providers/registry\\.ts$'],
        pathNot: ['^src/providers/$1/', '^src/providers/(openai-compatible|google)/'],
      },
    },
    {
      name: 'no-cycles',
      comment: 'a cycle has no first file to read',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-tests-in-source',
      comment: 'what is shipped does not import tests',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: [tests, '^test/'] },
    },
    {
      name: 'resolvable',
      comment: 'an import names a file that is there or an installed package',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared',
      comment: 'what is shipped imports run-time and peer dependencies only',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
  ],
  options: {
    // TypeScript 7 has no JavaScript API: without swc the cruiser sees no modules at all, and is content.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'types', 'default'] },
  },
};
