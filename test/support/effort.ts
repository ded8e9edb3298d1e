/** Where random tests begin. It is fixed, so that a commit gives the same result everywhere; `npm run test:long` takes another each time. */
export const SEED = Number(process.env.HARVGEN_SEED ?? 1);

/** Returns how many cases a random test tries: `usual`, or that many times as many as HARVGEN_EFFORT says. */
export function runs(usual: number): number {
  return usual * Number(process.env.HARVGEN_EFFORT ?? 1);
}
