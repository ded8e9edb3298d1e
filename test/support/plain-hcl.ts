import type { HclValue } from '../../src/import/hcl/read-hcl.ts';

/** Returns a value of HCL as plain data. */
export function plainOf(value: HclValue): unknown {
  if (value.type === 'null') return null;
  if (value.type === 'list') return value.items.map(plainOf);
  if (value.type === 'object')
    return Object.fromEntries(value.items.map((item) => [item.name, plainOf(item.value)]));
  return value.value;
}
