import { parseYaml } from '../../inventory/parse.ts';
import { checkSecrets } from '../../inventory/secrets.ts';
import { validateSchema } from '../../inventory/validate-schema.ts';
import { availability, configSchema, follow, hasNoEffect } from '../../knowledge/config-schema.ts';
import { NEWEST_RELEASE } from '../../knowledge/harvester.ts';
import { isPlaceholder } from '../../knowledge/known-values.ts';
import type { ConfigSchema } from '../../knowledge/schemas.ts';
import { Report } from '../../source/diagnostics/report.ts';
import {
  independentCopy,
  inherit,
  isValueMap,
  keyLocationOf,
  located,
  locatedList,
  locationOf,
  selfLocation,
  setLocation,
  type Value,
  type ValueMap,
  writtenText,
} from '../../source/origin.ts';
import { Source } from '../../source/source.ts';
import { nearest } from '../../values/text.ts';
import type { Version } from '../../values/version.ts';
import { emptyMap } from '../model/config-values.ts';
import { displayName } from '../model/names.ts';
import type { Notes } from '../model/notes.ts';

/** How to convert a configuration. */
interface Conversion {
  /** Undefined if it is unknown: then keys of any release are kept. */
  readonly release: Version | undefined;
  readonly mode: 'create' | 'join';
  readonly notes: Notes;
}

/** The network of Harvester 0.2 to 1.0 that is now `management_interface`. */
const MANAGEMENT = 'harvester-mgmt';

/**
 * Returns a configuration with the keys of a release. Converts the keys of Harvester 0.2 to 1.0, and drops those that the release rejects
 * or ignores in this mode, and placeholders, with notes. Values keep their source locations. Sources: the structs of harvester-installer,
 * `pkg/config/config.go`, whose loader takes a key in any case, with `_` or without; and knowledge/harvester/config.schema.json.
 */
export function modernConfig(config: ValueMap, how: Conversion): ValueMap {
  const key = keyLike(config, 'install') ?? 'install';
  const install = config[key];
  const source = independentCopy(config);
  if (isValueMap(install)) source[key] = withManagementInterface(install, how.notes);
  return inMap(source, configSchema(), '', how);
}

/** Returns the key of a map that the installer takes for a name, which accepts other forms of it. */
function keyLike(map: object, name: string): string | undefined {
  return Object.hasOwn(map, name) ? name : Object.keys(map).find((key) => plain(key) === plain(name));
}

/** Returns a key in the form in which the installer compares it. */
function plain(key: string): string {
  return key.toLowerCase().replace(/[-_]/g, '');
}

/** Returns `install` with `networks.harvester-mgmt` and `mgmt_interface` converted to `management_interface`. */
function withManagementInterface(install: ValueMap, notes: Notes): ValueMap {
  const result = independentCopy(install);
  const networksKey = keyLike(install, 'networks') ?? 'networks';
  const networks = install[networksKey];
  if (isValueMap(networks)) {
    delete result[networksKey];
    for (const name of Object.keys(networks)) {
      const at = keyLocationOf(networks, name);
      const hasOne = keyLike(result, 'management_interface') !== undefined;
      if (name !== MANAGEMENT || hasOne)
        notes.left(
          `install.networks.${displayName(name)}`,
          name === MANAGEMENT
            ? 'management_interface is also set and takes precedence'
            : 'the installer creates only the management network: create a cluster network for it when Harvester runs',
          at,
        );
      else {
        result.management_interface = networks[name] as Value;
        setLocation(result, 'management_interface', locationOf(networks, name), at);
      }
    }
  }
  const oldKey = keyLike(install, 'mgmt_interface');
  if (oldKey !== undefined) useOldNic(result, oldKey, notes);
  return result;
}

/** Uses `mgmt_interface` as the NIC if no other key sets it. */
function useOldNic(install: ValueMap, oldKey: string, notes: Notes): void {
  const at = locationOf(install, oldKey);
  const name = install[oldKey];
  delete install[oldKey];
  const key = keyLike(install, 'management_interface') ?? 'management_interface';
  const present = install[key];
  const given = isValueMap(present) ? present[keyLike(present, 'interfaces') ?? 'interfaces'] : undefined;
  if (given !== undefined && given !== null) {
    const isSame = Array.isArray(given) && given.some((one) => isValueMap(one) && one.name === name);
    if (!isSame) notes.left('install.mgmt_interface', 'interfaces sets another NIC and takes precedence', at);
    return;
  }
  if (typeof name !== 'string') return;
  const management = isValueMap(present) ? independentCopy(present) : emptyMap(at);
  const list = locatedList(at, [{ value: located({ name }, at), at }]);
  management.interfaces = list;
  setLocation(management, 'interfaces', at);
  install[key] = management;
  if (!isValueMap(present)) setLocation(install, key, at);
}

function inMap(map: ValueMap, schema: ConfigSchema, path: string, how: Conversion): ValueMap {
  const result: ValueMap = located(Object.create(null), selfLocation(map));
  for (const key of Object.keys(map)) {
    const at = keyLocationOf(map, key);
    const dotted = path === '' ? displayName(key) : `${path}.${displayName(key)}`;
    const leave = (why: string) => how.notes.left(dotted, why, at);
    const name = keyLike(schema.properties ?? {}, key);
    const described = name === undefined ? otherKeys(schema) : schema.properties?.[name];
    if (!described) {
      leave(unknownKeyText(key, schema));
      continue;
    }
    const part = follow(described);
    const target = name ?? key;
    const value = map[key] as Value;
    const why =
      target in result ? 'it is set twice, in two forms: the other one applies' : whyNot(part, value, how);
    if (why !== undefined) {
      leave(why);
      continue;
    }
    const values = [value].flat();
    if (values.length > 0 && values.every(isPlaceholder)) {
      how.notes.open(dotted, IS_PLACEHOLDER, locationOf(map, key));
      continue;
    }
    if (target !== key) how.notes.changed(dotted, `it is now named ${target}`, at);
    inherit(result, target, map, key);
    result[target] = inValue(value, part, path === '' ? target : `${path}.${target}`, result, target, how);
  }
  return result;
}

/** Shows no value: a secret can look like a placeholder. */
const IS_PLACEHOLDER = 'a placeholder, not a value: set your own';

function otherKeys({ additionalProperties }: ConfigSchema): ConfigSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function unknownKeyText(key: string, schema: ConfigSchema): string {
  const renamed = schema['x-renamed'];
  const likely =
    renamed && Object.hasOwn(renamed, key)
      ? renamed[key]
      : nearest(key, Object.keys(schema.properties ?? {}), 0.3);
  return `the installer has no such key and drops it${likely ? `: did you mean ${likely}?` : ''}`;
}

function whyNot(part: ConfigSchema, value: Value, { release, mode }: Conversion): string | undefined {
  if (value === null) return 'it is empty';
  const has = release && availability(part, release);
  if (has === 'gone') return `Harvester ${release?.text} no longer has it`;
  if (has === 'too-new') return `it is new in ${part['x-since']}: ${release?.text} drops it`;
  if (part['x-internal']) return part['x-internal'];
  const isUseless = release ? hasNoEffect(part, release) : part['x-no-effect'] && !part['x-no-effect-since'];
  if (isUseless) return `it has no effect. ${part['x-no-effect']}`;
  const modes = part['x-modes'];
  if (modes && !modes.includes(mode))
    return `the installer reads it only on a node with mode ${modes.join(' or ')}`;
  return undefined;
}

function inValue(
  value: Value,
  schema: ConfigSchema,
  path: string,
  holder: ValueMap | Value[],
  key: string | number,
  how: Conversion,
): Value {
  if (Array.isArray(value)) {
    const items = schema.items && follow(schema.items);
    const list: Value[] = located([], selfLocation(value));
    for (const [index, item] of value.entries()) {
      if (isPlaceholder(item)) {
        how.notes.open(path, IS_PLACEHOLDER, locationOf(value, index));
        continue;
      }
      const next = list.length;
      inherit(list, String(next), value, String(index));
      list.push(items ? inValue(item, items, path, list, next, how) : item);
    }
    return list;
  }
  if (isValueMap(value))
    return schema.properties || otherKeys(schema) ? inMap(value, schema, path, how) : value;
  const at = locationOf(holder as ValueMap, key as string);
  // Older YAML readers, such as phs's, take these words for booleans, and unquoted values for text.
  if (schema.type === 'boolean' && typeof value === 'string') {
    if (/^(y|yes|on|true)$/i.test(value)) return true;
    if (/^(n|no|off|false)$/i.test(value)) return false;
  }
  if (typeof value === 'string') {
    if (schema.type === 'integer' && /^\d{1,9}$/.test(value)) return Number(value);
    if (schema.type === 'array') return locatedList(at, [{ value, at }]);
    const known = schema.enum?.find((one) => String(one).toLowerCase() === value.toLowerCase());
    if (known !== undefined && known !== value) {
      how.notes.changed(path, `it is now spelled ${known}`, at);
      return known as Value;
    }
  }
  if (schema.type !== 'string' || (typeof value !== 'number' && typeof value !== 'boolean')) return value;
  how.notes.changed(path, 'the installer requires text here: it is now quoted', at);
  return writtenText(holder, key);
}

/** The surrounding inventory for checking a configuration; none of it is from the file. */
const AROUND = `
site: site
harvester: {}
server: { url: http://192.0.2.1 }
networks: { mgmt: { subnet: 192.0.2.0/24 } }
cluster: { vip: 192.0.2.2 }
nodes: { machine: { mac: "52:54:00:00:00:01", ip: 192.0.2.3 } }
`;

/** Checks the schema of the remaining configurations, and reports each error at its location in the file. */
export function checkConfigs(
  machines: readonly { readonly config: ValueMap }[],
  release: Version | undefined,
  report: Report,
): void {
  const inventory = parseYaml(new Source('', AROUND), report) as {
    harvester: ValueMap;
    nodes: { machine: ValueMap };
  } & ValueMap;
  inventory.harvester.version = release?.text ?? NEWEST_RELEASE;
  const { machine } = inventory.nodes;
  for (const { config } of machines) {
    machine.config = config;
    setLocation(machine, 'config', selfLocation(config));
    const found = new Report();
    checkSecrets(config, found);
    validateSchema(inventory, found);
    for (const { message, ...diagnostic } of found.sorted())
      report.add({ ...diagnostic, message: message.replaceAll('nodes.machine.config', 'config') });
  }
}
