/** Gives of an object what it has by some of its keys: what a template gets, where several share an object. */
export function pick<T extends object>(data: T, keys: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(keys.map((key) => [key, data[key]])) as Partial<T>;
}
