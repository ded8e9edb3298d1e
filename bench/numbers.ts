/** Times or sizes of the same thing, measured several times. */
export interface Measured {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Sums up what was measured. Throws where there is nothing. */
export function summed(values: readonly number[]): Measured {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), least: quantile(sorted, 0), most: quantile(sorted, 1) };
}

/** Gives the value below which a share of sorted values lies: that of the nearest rank. Throws where there is none. */
export function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

/** Writes milliseconds as a person reads them: `57 ms`, `1.24 s`. */
export function asTime(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** Writes mebibytes. */
export function asSize(mebibytes: number): string {
  return `${Math.round(mebibytes)} MiB`;
}

/** Writes a ratio: `0.79 ×`. */
export function asRatio(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}
