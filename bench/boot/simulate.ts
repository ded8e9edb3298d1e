/** The rates of servers and links. */
export interface Servers {
  /** Leases per second. */
  readonly leases: number;
  /** Scripts and configurations per second. */
  readonly requests: number;
  /** Bytes per second of all media. */
  readonly media: number;
  /** The most downloads at once. */
  readonly connections: number;
}

/** The needs of a machine. */
export interface Demand {
  readonly leases: number;
  readonly requests: number;
  readonly bytes: number;
  /** Bytes per second of the machine's own link. */
  readonly link: number;
}

/** A simulated start of machines. */
export interface Start {
  /** The seconds at which machines have everything, ascending. */
  readonly done: readonly number[];
  /** The second at which the last machine has its configuration. */
  readonly configured: number;
  /** The most downloads at once. */
  readonly downloads: number;
}

/** Returns the seconds at which machines are switched on, ascending: random within a time, the same for the same seed. */
export function arrivals(machines: number, seconds: number, seed = 1): number[] {
  let state = seed >>> 0;
  // mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return Array.from({ length: machines }, () => random() * seconds).sort((a, b) => a - b);
}

/**
 * Simulates a start. Leases and requests are served one after the other, in the order of arrival. All downloads share the media rate equally,
 * each up to the machine's own link. A machine without a connection waits until a download ends.
 */
export function simulate(arrived: readonly number[], servers: Servers, demand: Demand): Start {
  const leased = queue(arrived, demand.leases / servers.leases);
  return share(queue(leased, demand.requests / servers.requests), servers, demand);
}

/** Returns the end of each service of one server, in the order of arrival. */
function queue(arrived: readonly number[], service: number): number[] {
  let free = 0;
  return arrived.map((at) => {
    free = Math.max(free, at) + service;
    return free;
  });
}

/**
 * Returns the ends of downloads that share a rate equally. All have the same size, so they end in the order in which they begin. Each
 * running download receives as many bytes as any other: one ends when these have grown by its size.
 */
function share(begun: readonly number[], { media, connections }: Servers, { bytes, link }: Demand): Start {
  const done: number[] = [];
  const until: number[] = [];
  let received = 0;
  let now = 0;
  let next = 0;
  let downloads = 0;
  while (done.length < begun.length) {
    const running = next - done.length;
    const speed = running > 0 ? Math.min(link, media / running) : 0;
    const end = speed > 0 ? now + ((until[done.length] ?? 0) - received) / speed : Number.POSITIVE_INFINITY;
    const asked = running < connections ? begun[next] : undefined;
    const begin = Math.max(now, asked ?? Number.POSITIVE_INFINITY);
    const then = Math.min(begin, end);
    received += (then - now) * speed;
    now = then;
    if (end <= begin) done.push(now);
    else {
      until.push(received + bytes);
      next += 1;
    }
    downloads = Math.max(downloads, next - done.length);
  }
  return { done, downloads, configured: begun.at(-1) ?? 0 };
}
