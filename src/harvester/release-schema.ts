import { isAtLeast, type Version } from '../site/version.ts';
import { availability } from './availability.ts';
import { type ConfigSchema, configSchema, follow } from './config-schema.ts';
import type { Mode } from './mode-only.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Formats of harvgen's own, as patterns that every validator knows. */
const PATTERNS: Readonly<Record<string, string>> = {
  mac: '^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$',
  cidr: '^(\\d{1,3}\\.){3}\\d{1,3}/([89]|[12]\\d|30)$',
};

/**
 * Derives the closed JSON Schema (draft 2020-12) of the configuration that the installer of a release takes: keys and
 * values that the release has and no others, system settings as the strings that it wants. For one mode, it also
 * demands what the installer stops without, and refuses what it ignores in that mode.
 */
export function releaseSchema(release: Version, mode?: Mode): Schema {
  const whole = derive(configSchema(), { release, mode }, '');
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Harvester ${release.text}${mode ? `, ${mode} mode` : ''}: installer configuration`,
    ...whole,
  };
}

interface Wanted {
  readonly release: Version;
  readonly mode: Mode | undefined;
}

function derive(part: ConfigSchema, wanted: Wanted, path: string): Schema {
  const known = follow(part);
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(known)) {
    if (!keyword.startsWith('x-') && !keyword.startsWith('$')) result[keyword] = value;
  }
  // The installer's own type of a setting is a string; that a map may stand there is harvgen's convenience.
  if (/^system_settings\.[^.]+$/.test(path)) {
    for (const keyword of ['properties', 'additionalProperties', 'required', 'examples'])
      delete result[keyword];
    return { ...result, type: 'string' };
  }
  const pattern = PATTERNS[known.format ?? ''];
  if (pattern) {
    delete result.format;
    result.pattern = pattern;
  }
  if (known['x-since-types']) result.type = laterOnly(known.type, known['x-since-types'], wanted.release);
  if (known['x-since-values']) result.enum = laterOnly(known.enum, known['x-since-values'], wanted.release);
  if (known.properties) {
    const keys = Object.entries(known.properties).filter(([, key]) => isTaken(follow(key), wanted));
    result.properties = Object.fromEntries(
      keys.map(([name, key]) => [name, derive(key, wanted, path ? `${path}.${name}` : name)]),
    );
    const required = keys.flatMap(([name, key]) =>
      wanted.mode && follow(key)['x-required']?.includes(wanted.mode) ? [name] : [],
    );
    const all = [...new Set([...(known.required ?? []), ...required])];
    if (all.length > 0) result.required = all;
  }
  if (typeof known.additionalProperties === 'object')
    result.additionalProperties = derive(known.additionalProperties, wanted, `${path}.*`);
  if (known.items) result.items = derive(known.items, wanted, `${path}[]`);
  return result;
}

function isTaken(key: ConfigSchema, { release, mode }: Wanted): boolean {
  if (availability(key, release) !== 'present') return false;
  return mode === undefined || key['x-modes'] === undefined || key['x-modes'].includes(mode);
}

function laterOnly(all: unknown, since: Readonly<Record<string, string>>, release: Version): unknown {
  const taken = [all].flat().filter((one) => isAtLeast(release, since[String(one)] ?? release.text));
  return taken.length === 1 && !Array.isArray(all) ? taken[0] : taken;
}
