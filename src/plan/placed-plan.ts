import type { Plan } from './plan.ts';

/** A plan, and the site and folder that it is for. */
export interface PlacedPlan {
  readonly site: string;
  /** Where the tree lies, as the user would say it. */
  readonly folder: string;
  /** Where it lies as seen from where the diff is to be applied, with forward slashes. */
  readonly root: string;
  readonly plan: Plan;
  /** The files that hold what no build wrote: a build refuses to overwrite them. */
  readonly edited: readonly string[];
}
