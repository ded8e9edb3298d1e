/** dnsmasq makes two minutes of a shorter lease, and a site takes none. */
const SHORTEST = 120;

/** Gives the time of a lease as dnsmasq writes it, from seconds: in the largest unit that says it in whole numbers. */
export function leaseText(said: number): string {
  const seconds = Math.max(said, SHORTEST);
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
  ] as const)
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  return `${seconds}s`;
}
