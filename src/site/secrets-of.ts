import { secretNames } from '../inventory/secrets.ts';
import type { Site } from './model.ts';

/** Gives the names of the secrets that the nodes' configurations hold, sorted. */
export function secretsOf(site: Site): string[] {
  const names = new Set<string>();
  for (const node of site.nodes) collect(node.config, names);
  return [...names].sort();
}

function collect(value: unknown, names: Set<string>): void {
  if (typeof value === 'string') {
    if (value.includes('${secret:')) for (const name of secretNames(value)) names.add(name);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) collect(item, names);
  }
}
