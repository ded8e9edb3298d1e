import type { Plan } from './plan.ts';
import type { Filling } from './with-marks.ts';

/** A plan, and the site and folder that it is for. */
export interface PlacedPlan {
  readonly site: string;
  /** Where the tree lies, as the user would say it. */
  readonly folder: string;
  /** Where it lies as seen from where the diff is to be applied, with forward slashes. */
  readonly root: string;
  readonly plan: Plan;
  /** The files that were edited since they were built: a build refuses to overwrite them. */
  readonly edited: readonly string[];
  /** Those of which nobody knows what in them is secret: no line of them is shown. */
  readonly unknown?: ReadonlySet<string>;
  /** How the trees have their secrets, where values of them stand in one: then there is no patch. */
  readonly filling?: Filling | undefined;
}

/** What of a plan is wanted. */
export interface PlanOptions {
  /** Whether the lines that change are, too. */
  readonly patch: boolean;
}
