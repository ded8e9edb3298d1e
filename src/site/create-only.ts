import type { HarvesterConfig } from '../inventory/harvester-config.gen.ts';
import { inherit, located, selfPlace } from '../origin.ts';
import { schemaOf } from '../tables/schemas.ts';

interface Annotated {
  readonly properties?: Readonly<Record<string, Annotated>>;
  readonly 'x-modes'?: readonly string[];
}

/**
 * Gives the keys of a configuration that only a create node may have, as paths. Which these are is written in
 * schema/harvester/config.schema.json (`x-modes`).
 */
export function createOnlyPaths(config: object): string[][] {
  return paths(config, schemaOf('harvester/config.schema.json'), []);
}

/** Gives a configuration without what only a create node may have; the configuration itself where it has no such key. */
export function withoutCreateOnly(config: HarvesterConfig): HarvesterConfig {
  return createOnlyPaths(config).reduce<object>(without, config) as HarvesterConfig;
}

function paths(value: object, node: Annotated, path: readonly string[]): string[][] {
  return Object.entries(value).flatMap(([key, item]) => {
    const known = node.properties?.[key];
    if (!known) return [];
    if (known['x-modes'] && !known['x-modes'].includes('join')) return [[...path, key]];
    return item && typeof item === 'object' && !Array.isArray(item) ? paths(item, known, [...path, key]) : [];
  });
}

function without(config: object, path: readonly string[]): object {
  const [key = '', ...rest] = path;
  const copy: Record<string, unknown> = located(Object.create(null), selfPlace(config));
  for (const [name, value] of Object.entries(config)) {
    if (name === key && rest.length === 0) continue;
    copy[name] = name === key ? without(value, rest) : value;
    inherit(copy, name, config);
  }
  return copy;
}
