import { brokenKeys, inherit, located, markBroken, selfPlace } from '../../source/origin.ts';
import type { HarvesterConfig } from '../harvester-config.gen.ts';
import { type ConfigSchema, configSchema } from './config-schema.ts';

export type Mode = 'create' | 'join';

/**
 * Gives the keys of a configuration that a node of a mode may not have, as paths: the VIP of a node that joins, the
 * server_url of the one that creates. Which these are is written in schema/harvester/config.schema.json (`x-modes`).
 */
export function pathsOfOtherMode(config: object, mode: Mode): string[][] {
  return paths(config, configSchema(), [], mode);
}

/** Gives a configuration without what a node of a mode may not have; the configuration itself where it has no such key. */
export function withoutOtherMode(config: HarvesterConfig, mode: Mode): HarvesterConfig {
  return pathsOfOtherMode(config, mode).reduce<object>(without, config) as HarvesterConfig;
}

function paths(value: object, node: ConfigSchema, path: readonly string[], mode: Mode): string[][] {
  return Object.entries(value).flatMap(([key, item]) => {
    const known = node.properties?.[key];
    if (!known) return [];
    if (known['x-modes'] && !known['x-modes'].includes(mode)) return [[...path, key]];
    return item && typeof item === 'object' && !Array.isArray(item)
      ? paths(item, known, [...path, key], mode)
      : [];
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
  for (const name of brokenKeys(config)) markBroken(copy, name);
  return copy;
}
