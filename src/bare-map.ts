/** Makes objects whose prototype has nothing and never will: see `bareMap`. */
class Bare {}

Object.setPrototypeOf(Bare.prototype, null);
Reflect.deleteProperty(Bare.prototype, 'constructor');
Object.freeze(Bare.prototype);

/**
 * Gives an empty map that inherits no key, so that `__proto__` and `constructor` are keys as any other. One of
 * `Object.create(null)` would be a hash table to V8 from its first key on: twice as large, and half as fast.
 */
export function bareMap<T extends object = Record<string, unknown>>(): T {
  return new Bare() as T;
}
