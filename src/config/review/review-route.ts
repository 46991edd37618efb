import type { Timeouts } from '../../core/deployment.ts';
import type { Route } from '../../core/route.ts';
import type { Problems } from '../diagnostic.ts';
import type { ConfigNode, Entry } from '../document.ts';

/** Warns about words of one route that have no effect, or another one than they seem to have. */
export function reviewRoute(problems: Problems, route: Route, node: ConfigNode): void {
  const fields = new Map(node.type === 'map' ? node.entries.map((entry) => [entry.key, entry]) : []);
  warnAboutStream(problems, route, fields.get('stream'));
  warnAboutSingleModel(problems, route, fields);
  warnAboutTimers(problems, route, fields.get('timeout'));
}

function warnAboutStream(problems: Problems, route: Route, entry: Entry | undefined): void {
  if (entry === undefined || route.stream === 'hold') return;
  const where = `routes.${route.name}`;
  const mode = route.stream === 'trail' ? 'trail' : 'window';
  if (route.onRefusal === 'fallback') {
    const message = `${where}: streams are held although it says ${mode}, because of on_refusal: fallback`;
    problems.warn('held-stream', entry.value.span, message, 'a refusal shows only once it is read');
  } else if (route.validators.length > 0) {
    const message = `${where} lets a stream through before it is checked: a failed check is told, and changes nothing`;
    problems.warn('late-check', entry.value.span, message, 'write stream: hold, or leave it out');
  }
}

/** With one model there is nothing to fall back to. */
function warnAboutSingleModel(problems: Problems, route: Route, fields: ReadonlyMap<string, Entry>): void {
  if (new Set(route.candidates.map(({ model }) => model)).size > 1) return;
  const idle = {
    brief: route.brief.template !== null,
    fallback: route.fallback !== 'off',
    on_refusal: route.onRefusal === 'fallback',
  };
  for (const [word, isSet] of Object.entries(idle)) {
    const entry = fields.get(word);
    if (entry === undefined || !isSet) continue;
    const message = `routes.${route.name} has one model: its \`${word}\` has nobody to turn to`;
    problems.warn('unused-word', entry.keySpan, message);
  }
}

/** Timers that another one always beats. */
function warnAboutTimers(problems: Problems, { name, timeouts }: Route, entry: Entry | undefined): void {
  if (entry?.value.type !== 'map') return;
  const written = new Map(entry.value.entries.map((timer) => [timer.key, timer]));
  for (const [word, limitWord, isDead] of deadTimers(timeouts)) {
    const timer = written.get(word);
    if (timer === undefined || !isDead) continue;
    const message = `routes.${name}.timeout.${word} never runs out: ${limitWord} is not longer`;
    problems.warn('dead-timer', timer.value.span, message);
  }
}

/** Each timer with the one that bounds it, and whether that is reached first. */
function deadTimers(timeouts: Timeouts): readonly (readonly [string, string, boolean])[] {
  const { connectMs, firstByteMs, firstByteUnstreamedMs, firstTokenMs, idleMs, totalMs, totalStreamMs } = timeouts;
  return [
    ['connect', 'first_byte', connectMs >= Math.max(firstByteMs, firstByteUnstreamedMs)],
    ['first_byte', 'total', firstByteMs >= totalStreamMs && firstByteUnstreamedMs >= totalMs],
    ['first_token', 'total', firstTokenMs !== null && firstTokenMs >= totalStreamMs],
    ['idle', 'total', idleMs >= totalStreamMs],
  ];
}
