import type { Name } from './contenders.ts';
import type { Measurement } from './measure.ts';
import { asRatio, asSize, asTime } from './numbers.ts';

/** A number that harvgen shall reach: what was measured, and the most that it may be. */
export interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly target: number;
  readonly unit: 'ratio' | 'ms' | 'MiB';
  /** The run whose profile says where the time goes. Not there where that is not asked. */
  readonly profile?: { readonly of: Measurement; readonly name: Name };
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
