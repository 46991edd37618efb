import { isNode, isPair, isScalar, isSeq, visit, type Document, type Pair, type YAMLMap } from 'yaml';

import { PLACES } from '../grammar.ts';

/** The sections in the order in which they build on each other. */
const SECTIONS: readonly string[] = ['providers', 'models', 'routes', 'rules', 'data', 'keys', 'server'];

/** Lines that are about the file, whatever comes first in it. */
const ABOUT_FILE = /^ *yaml-language-server:/;

/** Puts the words of the grammar in their order, comments with them. Names, unknown words and lists stay in the order they have. */
export function sortWords(document: Document): void {
  visit(document, {
    Map(_, map, ancestors) {
      const order = wordsAt(pathOf(ancestors));
      if (order === null) return;
      const items = map.items;
      const [first] = items;
      const sorted = items.toSorted((a, b) => rank(a, order) - rank(b, order));
      const inList = isSeq(ancestors.at(-1));
      if (first !== undefined && first !== sorted[0] && !inList) giveHeadComment(document, map, first);
      map.items = sorted;
    },
  });
}

/** The library keeps the comment above a map's first entry with the map; an entry that moves takes it along. */
function giveHeadComment(document: Document, map: YAMLMap, first: Pair): void {
  if (!isNode(first.key)) return;
  const lines = [map.commentBefore, first.key.commentBefore].filter(Boolean).join('\n').split('\n');
  const aboutFile = map === document.contents ? lines.filter((line) => ABOUT_FILE.test(line)) : [];
  const own = lines.filter((line) => !aboutFile.includes(line));
  if (aboutFile.length > 0) document.commentBefore = [document.commentBefore, ...aboutFile].filter(Boolean).join('\n');
  first.key.commentBefore = own.length === 0 ? null : own.join('\n');
  map.commentBefore = null;
}

function rank(pair: Pair, order: readonly string[]): number {
  const position = order.indexOf(nameOf(pair));
  return position === -1 ? order.length : position;
}

/** The words of the place at this path; `null` when it takes names, values or a list. */
function wordsAt(path: readonly string[]): readonly string[] | null {
  const place = Object.entries(PLACES).find(([pattern]) => matches(pattern, path));
  if (place === undefined) return null;
  return path.length === 0 ? SECTIONS : [...place[1].built, ...place[1].notBuilt];
}

function matches(pattern: string, path: readonly string[]): boolean {
  const steps = pattern === '' ? [] : pattern.split('.');
  return steps.length === path.length && steps.every((step, index) => step === '*' || step === path[index]);
}

/** The names from the root to a node; `*` for an entry of a list. */
function pathOf(ancestors: readonly unknown[]): readonly string[] {
  return ancestors.flatMap((ancestor) => (isPair(ancestor) ? [nameOf(ancestor)] : isSeq(ancestor) ? ['*'] : []));
}

function nameOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : '';
}
