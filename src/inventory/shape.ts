import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Report } from '../source/diagnostics/report.ts';
import type { ValueMap } from '../source/value.ts';
import { ShapeFaults } from './shape-faults.ts';
import { validate } from './shape-validator.ts';

/**
 * Checks the shape of an inventory against schema/site.schema.json and reports each fault at its place. What is at
 * fault is taken out of the inventory and marked as broken, so that the rest can still be checked, without noise.
 */
export function checkShape(inventory: ValueMap, report: Report): void {
  if (validate(inventory)) return;
  const faults = new ShapeFaults(inventory, report);
  for (const error of validate.errors as ErrorObject[]) faults.add(error);
  faults.report();
}
