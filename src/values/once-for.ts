/**
 * Returns a function that computes a value for an object once and returns the same value from then on. For values that never
 * change and have many readers. The cache keeps no object alive.
 */
export function onceFor<Of extends object, Made extends object>(make: (of: Of) => Made): (of: Of) => Made {
  const known = new WeakMap<Of, Made>();
  return (of) => {
    let made = known.get(of);
    if (!made) {
      made = make(of);
      known.set(of, made);
    }
    return made;
  };
}
