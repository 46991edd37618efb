import { claimsOf, type Claim, type Demand } from './claim.ts';
import type { Bound, SchemaOutline, ValueKind } from './schema-outline.ts';
import { StringClaims } from './string-claims.ts';

/** How many claims may be made by a text, at first, more with each of its characters, and in all: what would cost more is not judged. */
const FREE_CLAIMS = 10_000;
const CLAIMS_PER_CHARACTER = 2;
const MOST_CLAIMS = 200_000;

const OTHER_VALUES = 'the value is none of those that the schema takes here';
const OTHER_NAMES = 'the schema takes no member of this name here';

/** An object or array that is open, with what is claimed of it. */
interface Frame {
  readonly claims: readonly Claim[];
  /** The names its members have so far; `null`: it is an array. */
  readonly names: Set<string> | null;
  /** The name whose value comes next. */
  name: string;
  items: number;
}

/**
 * Holds one value, as its pieces come, against an outline. Each step gives what is wrong from there on with every value
 * that begins so, in words that quote nothing; `null`: nothing is known to be.
 */
export class SchemaClaims {
  readonly #outline: SchemaOutline;
  readonly #frames: Frame[] = [];
  #root: Claim | null = null;
  /** What is claimed of the scalar that is coming. */
  #claims: readonly Claim[] = [];
  #string: StringClaims | null = null;
  #made = 0;

  constructor(outline: SchemaOutline) {
    this.#outline = outline;
  }

  /** @param characters how many of the text came before the value's first */
  beginValue(kind: ValueKind, characters: number): string | null {
    const parent = this.#frames.at(-1);
    if (parent?.names === null) {
      const items = ++parent.items;
      if (this.#fell(parent.claims, (outline) => items > outline.items.most)) {
        return 'the array has more items than the schema takes';
      }
    }
    const claims = this.#claimsOnNext(parent, characters);
    if (this.#fell(claims, ({ kinds }) => kinds !== null && !kinds.has(kind))) {
      return `the schema takes no ${kind === 'true' || kind === 'false' ? `\`${kind}\`` : kind} here`;
    }
    if (kind === 'object') this.#frames.push({ claims, names: new Set(), name: '', items: 0 });
    else if (kind === 'array') this.#frames.push({ claims, names: null, name: '', items: 0 });
    else this.#claims = claims;
    if (kind === 'string') this.#string = new StringClaims(claims, ({ strings }) => strings, true);
    return null;
  }

  beginName(): string | null {
    const { claims, names } = this.#frames.at(-1) as Frame;
    const members = (names?.size ?? 0) + 1;
    if (this.#fell(claims, (outline) => members > outline.members.most)) {
      return 'the object has more members than the schema takes';
    }
    this.#string = new StringClaims(claims, ({ onlyNames }) => onlyNames, false);
    return null;
  }

  /** Whether the units of the string or name that has begun can tell anything. */
  get readsUnits(): boolean {
    return this.#string?.reads === true;
  }

  /** The next UTF-16 unit of what the string or name means. */
  unit(unit: number, isName: boolean): string | null {
    this.#string?.next(unit);
    if (this.#stands) return null;
    return isName ? OTHER_NAMES : 'the schema takes no string that begins so here';
  }

  endName(name: string): string | null {
    const frame = this.#frames.at(-1) as Frame;
    if (frame.names?.has(name) === true) return 'a member is named twice in one object';
    frame.names?.add(name);
    frame.name = name;
    this.#string?.end();
    return this.#stands ? null : OTHER_NAMES;
  }

  endString(): string | null {
    this.#string?.end();
    return this.#stands ? null : OTHER_VALUES;
  }

  endNumber(value: number): string | null {
    // What is beyond all numbers is compared in ways of its own.
    if (!Number.isFinite(value)) return null;
    if (this.#fell(this.#claims, (outline) => !isWithin(value, outline))) {
      return 'the number is outside of what the schema takes here';
    }
    return this.#fell(this.#claims, ({ numbers }) => numbers !== null && !numbers.has(value)) ? OTHER_VALUES : null;
  }

  /** The object or array that was opened last ends. */
  endContainer(): string | null {
    const { claims, names, items } = this.#frames.pop() as Frame;
    if (names === null) {
      const hasTooFew = this.#fell(claims, (outline) => items < outline.items.least);
      return hasTooFew ? 'the array has fewer items than the schema takes' : null;
    }
    if (this.#fell(claims, ({ required }) => required.some((name) => !names.has(name)))) {
      return 'a member that the schema requires is missing';
    }
    const hasTooFew = this.#fell(claims, ({ members }) => names.size < members.least);
    return hasTooFew ? 'the object has fewer members than the schema takes' : null;
  }

  get #stands(): boolean {
    return this.#root?.isStanding !== false;
  }

  /** Lets each claim fall of which this is true. @returns whether the schema as a whole has fallen */
  #fell(claims: readonly Claim[], isWrong: (outline: SchemaOutline) => boolean): boolean {
    for (const claim of claims) if (claim.isStanding && isWrong(claim.outline)) claim.fall();
    return !this.#stands;
  }

  #claimsOnNext(parent: Frame | undefined, characters: number): readonly Claim[] {
    if (this.#made > Math.min(MOST_CLAIMS, FREE_CLAIMS + CLAIMS_PER_CHARACTER * characters)) return [];
    const claims = parent === undefined ? this.#claimsOnRoot() : claimsOnChild(parent);
    this.#made += claims.length;
    return claims;
  }

  #claimsOnRoot(): readonly Claim[] {
    const claims = claimsOf([{ outline: this.#outline, link: null }]);
    this.#root = claims[0] ?? null;
    return claims;
  }
}

function claimsOnChild(parent: Frame): readonly Claim[] {
  const demands: Demand[] = [];
  for (const claim of parent.claims) {
    const outline = claim.isStanding ? outlineOfNext(claim.outline, parent) : null;
    if (outline !== null) demands.push({ outline, link: { to: claim, group: null } });
  }
  return claimsOf(demands);
}

/** Of the item or member whose value comes next in an object or array. */
function outlineOfNext(outline: SchemaOutline, { names, name, items }: Frame): SchemaOutline | null {
  if (names === null) {
    const { firstItems, otherItems } = outline;
    return items <= firstItems.length ? (firstItems[items - 1] ?? null) : otherItems;
  }
  // Ajv passes over a member of this name, and only sometimes.
  if (name === '__proto__') return null;
  const { properties, otherMembers } = outline;
  return properties.has(name) ? (properties.get(name) ?? null) : otherMembers;
}

function isWithin(value: number, { isInteger, lowest, highest }: SchemaOutline): boolean {
  const isLow = ({ value: bound, isOpen }: Bound): boolean => value < bound || (isOpen && value === bound);
  const isHigh = ({ value: bound, isOpen }: Bound): boolean => value > bound || (isOpen && value === bound);
  return (!isInteger || Number.isInteger(value)) && !lowest.some(isLow) && !highest.some(isHigh);
}
