import type { JsonValue } from '../../core/json.ts';
import type { Facts } from './facts.ts';
import { type Field, type FillSource, type Filled, isNamed } from './field.ts';
import { sentencesOf, stemsOf } from './text.ts';

const NEGATION = /\b(?:not|no|never|without|isn't|wasn't|doesn't|didn't|hasn't|nor)\b/i;

/** The member of an `enum` that the text speaks of; else one that says nothing, else the first. */
export function chooseMember(members: readonly JsonValue[], field: Field, source: FillSource): Filled<JsonValue> {
  const mentioned = mentionedMembers(members, source.facts)[0];
  if (mentioned !== undefined) return { value: mentioned, found: true };
  const judged = isNamed(field, 'sentiment tone mood polarity')
    ? sentimentMember(members, source.facts.text)
    : undefined;
  if (judged !== undefined) return { value: judged, found: true };
  const unknown = members.find(
    (member) =>
      member === null ||
      (typeof member === 'string' && /^(?:unknown|other|none|n\/a|unspecified|neutral)$/i.test(member)),
  );
  return { value: unknown ?? members[0] ?? null, found: false };
}

/** The members that occur in the text, in the order of the text. */
export function mentionedMembers(members: readonly JsonValue[], facts: Facts): readonly JsonValue[] {
  const placed = members.flatMap((member) => {
    if (typeof member !== 'string' && typeof member !== 'number') return [];
    const wanted = stemsOf(String(member)).join(' ');
    const at = wanted === '' ? -1 : facts.stemmed.indexOf(` ${wanted} `);
    return at === -1 ? [] : [{ member, at }];
  });
  return placed.toSorted((left, right) => left.at - right.at).map((entry) => entry.member);
}

const PLEASED =
  /\b(?:good|great|love[ds]?|excellent|happy|pleased|delighted|perfect|wonderful|fast|helpful|thanks?|best|amazing)\b/gi;
const DISPLEASED =
  /\b(?:bad|broken?|terrible|late|awful|angry|hate[ds]?|poor|slow|worst|disappoint\w*|refund|complain\w*|rude|damaged|never)\b/gi;

function sentimentMember(members: readonly JsonValue[], text: string): JsonValue | undefined {
  const balance = (text.match(PLEASED) ?? []).length - (text.match(DISPLEASED) ?? []).length;
  const wanted = balance > 0 ? /^pos|good|happy/i : balance < 0 ? /^neg|bad|unhappy/i : /^neu|mixed/i;
  return members.find((member) => typeof member === 'string' && wanted.test(member));
}

/** True when a sentence speaks of the field and does not deny it. */
export function findBoolean(field: Field, source: FillSource): Filled<boolean> {
  const wanted = stemsOf(field.words.filter((word) => !/^(?:is|has|was|are|can|should|needs?)$/.test(word)).join(' '));
  const sentence = sentencesOf(source.facts.text).find((candidate) =>
    wanted.some((stem) => stemsOf(candidate).includes(stem)),
  );
  return { value: sentence !== undefined && !NEGATION.test(sentence), found: sentence !== undefined };
}
