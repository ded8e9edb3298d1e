/** A summary of repeated measurements of a time or size. */
export interface Measured {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Summarizes measurements. Throws an error if there are none. */
export function summed(values: readonly number[]): Measured {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), least: quantile(sorted, 0), most: quantile(sorted, 1) };
}

/** Returns a quantile of sorted values by the nearest rank. Throws an error if there are none. */
export function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

/** Formats milliseconds: `57 ms`, `1.24 s`. */
export function asTime(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** Formats mebibytes. */
export function asSize(mebibytes: number): string {
  return `${Math.round(mebibytes)} MiB`;
}

/** Formats a ratio: `0.79 ×`. */
export function asRatio(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}
