import { asRatio, asSize, asTime } from './numbers.ts';
import type { Hot } from './profile.ts';

/** A number that harvgen shall reach: what was measured, and the most that it may be. */
export interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly target: number;
  readonly unit: 'ratio' | 'ms' | 'MiB';
  /** What says where the time goes. Not there where time is not asked for. */
  readonly profile?: Profile;
}

/** Something that can be run once more, to see where its time goes. */
export interface Profile {
  readonly what: string;
  /** Gives as many functions as are asked for, the hottest first. */
  readonly hottest: (most: number) => readonly Hot[] | Promise<readonly Hot[]>;
}

const WRITTEN = { ratio: asRatio, ms: asTime, MiB: asSize };

/** Says whether a figure is reached. */
export function isReached({ measured, target }: Figure): boolean {
  return measured <= target;
}

/** Gives figures as rows of a table: what, measured, target, and whether it is reached, or by how much it is missed. */
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
