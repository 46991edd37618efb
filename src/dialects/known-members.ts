/** The members of one kind of object: those that are read, and those that no other protocol has. */
export interface KnownMembers {
  readonly read: ReadonlySet<string>;
  readonly own: ReadonlySet<string>;
}

/** Names set apart by spaces. */
export function knownMembers(read: string, own = ''): KnownMembers {
  const names = (text: string): ReadonlySet<string> => new Set(text.split(' ').filter((name) => name !== ''));
  return { read: names(read), own: names(own) };
}
