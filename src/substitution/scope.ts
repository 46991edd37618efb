import { createHash } from 'node:crypto';
import { isPinnedName } from '../core/pinned-name.ts';
import type { ModelScope, SubstitutionScope } from '../core/substitution.ts';

/** Equal for equal scopes only. */
export function scopeKey({ route, from, to, checks, strict }: SubstitutionScope): string {
  return JSON.stringify([route, ...sides(from), ...sides(to), checks, strict]);
}

function sides({ model, snapshot, template, params }: ModelScope): readonly (string | null)[] {
  return [model, snapshot, template, params];
}

/** 32 bits of a hash of the scope. */
export function scopeSeed(scope: SubstitutionScope): number {
  return createHash('sha256').update(scopeKey(scope)).digest().readUInt32LE(0);
}

/** Whether both are about these two models, however these worked then. */
export function isSameQuestion(one: SubstitutionScope, other: SubstitutionScope): boolean {
  return one.from.model === other.from.model && one.to.model === other.to.model;
}

/** What differs between two scopes of the same models, as a person would say it: `the template of claude-opus`. */
export function changedMembers(before: SubstitutionScope, now: SubstitutionScope): readonly string[] {
  const changes = [...changesOf(before.from, now.from), ...changesOf(before.to, now.to)];
  if (before.checks !== now.checks) changes.push(`the validators of route ${now.route}`);
  if (before.strict !== now.strict) changes.push(`how strict route ${now.route} is`);
  return changes;
}

function changesOf(before: ModelScope, now: ModelScope): string[] {
  const changes: string[] = [];
  if (before.snapshot !== now.snapshot)
    changes.push(`the snapshot of ${now.model} (${before.snapshot}, now ${now.snapshot})`);
  if (before.template !== now.template) changes.push(`the template of ${now.model}`);
  if (before.params !== now.params) changes.push(`the parameters of ${now.model}`);
  return changes;
}

/** Whether the vendor's names of both models say which version of them answers. */
export function isPinned({ from, to }: SubstitutionScope): boolean {
  return [from, to].every(({ snapshot }) => isPinnedName(snapshot));
}
