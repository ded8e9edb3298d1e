/**
 * Gives a function that makes something of an object the first time that it is asked, and gives the same ever after: for what
 * never changes, and many ask for. It keeps no object alive.
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
