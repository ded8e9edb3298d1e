import type { Place } from '../source/origin.ts';

/** Thrown where an edit is not made: what stands in its way, where, and what to do instead. Nothing has been changed. */
export class EditRefusal extends Error {
  readonly at: Place;

  /** Takes the reason, with what to do, and the place that is the reason. */
  constructor(message: string, at: Place) {
    super(message);
    this.name = 'EditRefusal';
    this.at = at;
  }
}
