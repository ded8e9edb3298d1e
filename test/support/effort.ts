/** The seed of random tests. It is fixed, so that a commit has the same result everywhere; `npm run test:long` sets another. */
export const SEED = Number(process.env.HARVGEN_SEED ?? 1);

/** Returns how many cases a random test tries: `usual`, or that many times as many as HARVGEN_EFFORT sets. */
export function runs(usual: number): number {
  return usual * Number(process.env.HARVGEN_EFFORT ?? 1);
}
