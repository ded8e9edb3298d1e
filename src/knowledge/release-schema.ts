import { isAtLeast, type Version } from '../values/version.ts';
import { availability, configSchema, follow, type Mode } from './config-schema.ts';
import type { ConfigSchema } from './schemas.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The keywords for values of one type. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
  object: [
    'properties',
    'patternProperties',
    'additionalProperties',
    'propertyNames',
    'required',
    'minProperties',
  ],
  string: ['pattern', 'minLength', 'maxLength'],
  integer: ['minimum', 'maximum'],
};

/** Returns a part of a schema with one type: `anyOf` instead of a list of types, which validators in strict mode reject. */
export function splitTypes(part: Schema): Schema {
  const { type, ...rest } = part;
  if (!Array.isArray(type)) return part;
  const own = Object.values(KEYWORDS).flat();
  const pick = (isIn: (keyword: string) => boolean) =>
    Object.fromEntries(Object.entries(rest).filter(([keyword]) => isIn(keyword)));
  const anyOf = type.map((type) => ({
    type,
    ...pick((keyword) => KEYWORDS[type]?.includes(keyword) ?? false),
  }));
  return { ...pick((keyword) => !own.includes(keyword)), anyOf };
}

/** Formats as patterns, which every validator checks. */
const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
export const PATTERNS: Readonly<Record<string, string>> = {
  ipv4: `^${OCTET}(\\.${OCTET}){3}$`,
  mac: '^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$',
  cidr: '^(\\d{1,3}\\.){3}\\d{1,3}/([89]|[12]\\d|30)$',
};

/**
 * Derives the closed JSON Schema (draft 2020-12) of a release's installer configuration: only keys and values of the release,
 * and system settings as strings. For one mode, it also requires the keys without which the installer stops, and rejects the
 * keys that it ignores in that mode.
 */
export function releaseSchema(release: Version, mode?: Mode): Schema {
  const whole = derive(configSchema(), { release, mode }, '');
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...whole,
    title: `Configuration of Harvester ${release.text}${mode ? ` in ${mode} mode` : ''}`,
    description: `The configuration for the installer of Harvester ${release.text}, which silently drops other keys.`,
  };
}

/** Keywords for maps, and examples, which may be maps. */
const MAP_KEYWORDS = ['properties', 'additionalProperties', 'propertyNames', 'required', 'examples'];

interface Wanted {
  readonly release: Version;
  readonly mode: Mode | undefined;
}

function derive(part: ConfigSchema, wanted: Wanted, path: string): Schema {
  const { release } = wanted;
  const known = follow(part);
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(known)) {
    if (!keyword.startsWith('x-') && !keyword.startsWith('$')) result[keyword] = value;
  }
  const pattern = PATTERNS[known.format ?? ''];
  if (pattern) {
    delete result.format;
    result.pattern = pattern;
  }
  // The installer accepts only strings for settings; a map is a convenience of harvgen.
  if (isSetting(path)) result.type = 'string';
  else if (known['x-since-types']) result.type = accepted(known.type, known['x-since-types'], release);
  if (known['x-since-values']) result.enum = [accepted(known.enum, known['x-since-values'], release)].flat();
  if (known.items) result.items = derive(known.items, wanted, `${path}[]`);
  if (![result.type].flat().includes('object')) {
    for (const keyword of MAP_KEYWORDS) if (known.properties || isSetting(path)) delete result[keyword];
    return splitTypes(result);
  }
  return splitTypes({ ...result, ...mapKeywords(known, wanted, path) });
}

function mapKeywords(known: ConfigSchema, wanted: Wanted, path: string): Schema {
  const result: Record<string, unknown> = {};
  if (known.properties) {
    const keys = Object.entries(known.properties).filter(([, key]) => isAccepted(follow(key), wanted));
    result.properties = Object.fromEntries(
      keys.map(([name, key]) => [name, derive(key, wanted, path ? `${path}.${name}` : name)]),
    );
    const { mode } = wanted;
    const needed = keys.filter(([, key]) => mode && follow(key)['x-required']?.includes(mode));
    const required = [...new Set([...(known.required ?? []), ...needed.map(([name]) => name)])];
    if (required.length > 0) result.required = required;
  }
  if (typeof known.additionalProperties === 'object')
    result.additionalProperties = derive(known.additionalProperties, wanted, `${path}.*`);
  if (known.propertyNames) result.propertyNames = derive(known.propertyNames, wanted, path);
  return result;
}

function isSetting(path: string): boolean {
  return /^system_settings\.[^.]+$/.test(path);
}

function isAccepted(key: ConfigSchema, { release, mode }: Wanted): boolean {
  if (availability(key, release) !== 'present') return false;
  return mode === undefined || key['x-modes'] === undefined || key['x-modes'].includes(mode);
}

/** Returns the types or values of a key that a release accepts: a single one, or a list. */
function accepted(all: unknown, since: Readonly<Record<string, string>>, release: Version): unknown {
  const some = [all].flat().filter((value) => isAtLeast(release, since[String(value)] ?? release.text));
  return some.length === 1 ? some[0] : some;
}
