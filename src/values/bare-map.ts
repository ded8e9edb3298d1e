/** What bare maps inherit from: nothing. */
const NOTHING = Object.freeze(Object.create(null));

const Bare = function Bare() {} as unknown as { new (): object; prototype: object };
Bare.prototype = NOTHING;

/**
 * Makes a map that inherits no key, as `Object.create(null)` does. Node keeps those as hash tables, which take several times
 * the time and memory of an object of a known form; of these a large site has several for each machine.
 */
export function bareMap<T extends object = Record<string, unknown>>(): T {
  return new Bare() as T;
}
