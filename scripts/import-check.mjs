// Holds the import rules of .dependency-cruiser.cjs against the source of one folder.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';

const require = createRequire(import.meta.url);
const { forbidden, options } = require('../.dependency-cruiser.cjs');
const { importTable, roots } = require('./import-table.cjs');

/**
 * Reads every module under `<root>/src` and returns what breaks a rule, one line each.
 * A module the cruiser did not see is a problem too: a checker that sees nothing finds nothing.
 */
export async function checkImports(root) {
  const { output } = await cruise(['src'], { ...options, baseDir: root, ruleSet: { forbidden }, validate: true });
  const problems = output.summary.violations.map(
    ({ rule, from, to, cycle }) =>
      `${rule.name}: ${from} -> ${cycle === undefined ? to : cycle.map((step) => step.name).join(' -> ')}`,
  );
  const seen = new Set(output.modules.map((module) => module.source));
  const files = readdirSync(join(root, 'src'), { recursive: true })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join('src', path).replaceAll('\\', '/'));
  if (files.length === 0) problems.push('no .ts files under src/');
  for (const file of files) {
    if (!seen.has(file)) problems.push(`not seen by the cruiser: ${file}`);
    const place = file.split('/')[1];
    if (!Object.hasOwn(importTable, place) && !roots.includes(place))
      problems.push(`no row in the import table: ${file}`);
  }
  return {
    problems,
    modules: files.filter((file) => seen.has(file)).length,
    dependencies: output.summary.totalDependenciesCruised,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url)));
  const { problems, modules, dependencies } = await checkImports(root);
  for (const problem of problems) console.error(problem);
  console.log(`${modules} modules, ${dependencies} imports, ${problems.length} violations`);
  if (problems.length > 0) process.exitCode = 1;
}
