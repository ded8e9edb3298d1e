const known = new Map<string, readonly string[]>();

/** Gives the keys of a path that rules ask for, such as os.ntp_servers: taken apart once, and asked for of every node. */
export function stepsOf(path: string): readonly string[] {
  let steps = known.get(path);
  if (!steps) {
    steps = path.split('.');
    known.set(path, steps);
  }
  return steps;
}
