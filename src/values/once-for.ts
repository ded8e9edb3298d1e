/**
 * Returns a function that computes a value for an object once and returns the same value from then on. For values that never
 * change and have many readers. The cache keeps no object alive.
 */
export function onceFor<Key extends object, Value extends object>(
  compute: (key: Key) => Value,
): (key: Key) => Value {
  const cache = new WeakMap<Key, Value>();
  return (key) => {
    let value = cache.get(key);
    if (!value) {
      value = compute(key);
      cache.set(key, value);
    }
    return value;
  };
}
