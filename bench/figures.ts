import { asRatio, asSize, asTime } from './numbers.ts';
import type { Hot } from './profile.ts';

/** A measured value with its target, which is a maximum. */
export interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly target: number;
  readonly unit: 'ratio' | 'ms' | 'MiB';
  /** A profile of the time; omitted if the value is not a time. */
  readonly profile?: Profile;
}

/** A command to run again under a profiler. */
export interface Profile {
  readonly what: string;
  /** Returns the given number of functions with the most time, in descending order. */
  readonly hottest: (most: number) => readonly Hot[] | Promise<readonly Hot[]>;
}

const WRITTEN = { ratio: asRatio, ms: asTime, MiB: asSize };

/** Whether a value meets its target. */
export function isReached({ measured, target }: Figure): boolean {
  return measured <= target;
}

/** Returns values as rows of a table: name, value, target, and whether or by how much it misses the target. */
export function figureRows(figures: readonly Figure[]): string[][] {
  return figures.map((figure) => {
    const { what, measured, target, unit } = figure;
    const write = WRITTEN[unit];
    const over = Math.max(1, Math.round((measured / target - 1) * 100));
    return [
      what,
      write(measured),
      `≤ ${write(target)}`,
      isReached(figure) ? 'reached' : `missed by ${over} %`,
    ];
  });
}
