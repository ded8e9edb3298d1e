import type { ValidateFunction } from 'ajv/dist/2020.js';
import { SHAPE, shapeAjv } from './shape-ajv.ts';

/**
 * Checks the shape of an inventory against schema/site.schema.json. What is built has in this file's place the code that ajv
 * makes of the schema, since making it takes longer than all else that a small site needs: scripts/build-validator.mjs.
 */
// The schema is compiled once and used once: what makes that fast counts, not what makes the check faster.
export const validate = shapeAjv({ optimize: false }).getSchema(SHAPE) as ValidateFunction;
