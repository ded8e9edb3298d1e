/** Where kubelet asks whether a pod can hand out configurations, unless machines ask something else there. */
const READINESS_PORT = 8081;

/** Gives the port at which kubelet asks whether a pod is ready: none of those at which nginx listens for machines. */
export function readinessPort(taken: readonly number[]): number {
  let free = READINESS_PORT;
  while (taken.includes(free)) free += 1;
  return free;
}

/** A process without privileges listens at no port below. */
const FIRST_UNPRIVILEGED = 1024;

/**
 * Gives, for each port that machines ask at, the one that nginx listens at in its container: the same, or one that needs
 * no privileges: 8080 for 80, 8443 for 443.
 */
export function containerPorts(ports: readonly number[]): ReadonlyMap<number, number> {
  const all = [...new Set(ports)];
  const taken = new Set(all.filter((port) => port >= FIRST_UNPRIVILEGED));
  return new Map(
    all.map((port) => {
      if (port >= FIRST_UNPRIVILEGED) return [port, port];
      let free = port + 8000;
      while (taken.has(free)) free += FIRST_UNPRIVILEGED;
      taken.add(free);
      return [port, free];
    }),
  );
}
