/** A copy of plain data in which nothing can be changed, at any depth. Members that are `undefined` stay so. */
export function frozenCopy<Value>(value: Value): Value {
  if (Array.isArray(value)) return Object.freeze((value as readonly unknown[]).map(frozenCopy)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, frozenCopy(member as unknown)] as const);
  return Object.freeze(Object.fromEntries(members)) as Value;
}
