import type { SchemaOutline } from './schema-outline.ts';

/** What falls with a claim: another one at once, or when the last of its group has fallen. */
export interface Link {
  readonly to: Claim;
  /** `null`: at once. */
  readonly group: number | null;
}

/** That one outline accepts one value; it stands until something of the value says otherwise. */
export class Claim {
  readonly outline: SchemaOutline;
  readonly links: Link[] = [];
  /** How many of each group of alternatives stand. */
  readonly left: number[];
  isStanding = true;

  constructor(outline: SchemaOutline) {
    this.outline = outline;
    this.left = outline.groups.map((group) => group.length);
  }

  /** The claim falls, and with it all that cannot be right without it. */
  fall(): void {
    const falling: Claim[] = [this];
    for (let claim = falling.pop(); claim !== undefined; claim = falling.pop()) {
      if (!claim.isStanding) continue;
      claim.isStanding = false;
      for (const { to, group } of claim.links)
        if (group === null || --(to.left[group] as number) === 0) falling.push(to);
    }
  }
}

/** An outline that a value must meet, and what falls where it does not; `null`: that is for others to say. */
export interface Demand {
  readonly outline: SchemaOutline;
  readonly link: Link | null;
}

/** The claims on one value: those demanded and all that they rest on, each outline once. The first is that of the first demand. */
export function claimsOf(demands: readonly Demand[]): readonly Claim[] {
  const [only] = demands;
  if (only === undefined) return [];
  if (demands.length === 1 && restsOnNothing(only.outline)) {
    const claim = new Claim(only.outline);
    if (only.link !== null) claim.links.push(only.link);
    return [claim];
  }
  const claims = new Map<SchemaOutline, Claim>();
  const all = [...demands];
  // It grows while it is gone through.
  for (const { outline, link } of all) {
    const known = claims.get(outline);
    const claim = known ?? new Claim(outline);
    if (link !== null) claim.links.push(link);
    if (known !== undefined) continue;
    claims.set(outline, claim);
    for (const each of outline.all) all.push({ outline: each, link: { to: claim, group: null } });
    for (const [group, alternatives] of outline.groups.entries()) {
      for (const each of alternatives) all.push({ outline: each, link: { to: claim, group } });
    }
  }
  return [...claims.values()];
}

function restsOnNothing({ all, groups }: SchemaOutline): boolean {
  return all.length === 0 && groups.length === 0;
}
