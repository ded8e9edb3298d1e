/** How deep values may be nested that are looked into: no inventory and no configuration comes near. */
const DEEPEST = 50;

/** Says whether a value of JSON is nested no deeper than can be looked into without exhausting the stack. */
export function isShallow(value: unknown, levels = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1));
}
