import {
  isValueMap,
  keyLocationOf,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { type Mac, parseMac } from '../../values/identifiers.ts';
import { quoteShell } from '../../values/quoting.ts';
import { nearest } from '../../values/text.ts';
import { fieldOf, keyFor, locationFor, type Text, textAt } from '../model/config-values.ts';
import { displayName } from '../model/names.ts';
import type { Findings } from '../model/notes.ts';

/** The keys of each map of phs's data file, with the types of their values. Source: the type `List` of its main.go. */
const KEYS = {
  /** `server` is the base URL of configurations, without a port, and `downloadserver` that of media, without the directory. */
  'the file': { server: 'text', downloadserver: 'text', maclist: 'a list', config: 'a list' },
  'an entry of config': { cluster: 'text', config_create: 'a map', config_join: 'a map' },
  'an entry of maclist': { macaddress: 'text', values: 'a map' },
  values: {
    ipaddress: 'text',
    netmask: 'text',
    gateway: 'text',
    interface: 'text',
    version: 'text',
    type: 'text',
    config: 'a map',
  },
} as const;

type Where = keyof typeof KEYS;
type Types = { text: Text; 'a map': ValueMap; 'a list': readonly ValueMap[] };
type Read<W extends Where> = {
  readonly [K in keyof (typeof KEYS)[W]]?: Types[(typeof KEYS)[W][K] & keyof Types];
};

/** The contents of phs's data file, as phs reads it. Older files lack `server`, because phs had it built in. */
export interface PhsFile extends Pick<Read<'the file'>, 'server' | 'downloadserver'> {
  readonly blocks: readonly PhsBlock[];
  readonly nodes: readonly PhsNode[];
}

/** An entry of `config`: the configurations of one cluster, which nodes merge. */
export interface PhsBlock extends Read<'an entry of config'> {
  readonly at: SourceLocation;
}

/** An entry of `maclist`. */
export interface PhsNode extends Read<'values'> {
  readonly mac: Mac;
  readonly macText: Text;
  readonly at: SourceLocation;
  readonly config: ValueMap;
}

/**
 * Reads a file as phs does. Reports values that phs cannot read, and likely typos in keys; adds notes on other keys that phs
 * ignores. Returns undefined if the file is not one of phs.
 */
export function readPhsFile(root: ValueMap, findings: Findings): PhsFile | undefined {
  if (keyFor(root, 'maclist') === undefined) return reportOtherFile(root, findings);
  const { maclist, config = [], ...urls } = readMap(root, 'the file', findings);
  if (fieldOf(root, 'maclist') === undefined || maclist?.length === 0)
    reject('maclist', 'a list of machines', locationFor(root, 'maclist'), findings);
  return {
    ...urls,
    blocks: config.map((one) => ({
      ...readMap(one, 'an entry of config', findings),
      at: selfLocation(one),
    })),
    nodes: (maclist ?? []).flatMap((entry) => readNode(entry, findings) ?? []),
  };
}

/** Reports a file without machines; a ConfigMap, which phs's manifests for Kubernetes have, can contain the data file. */
function reportOtherFile(root: ValueMap, findings: Findings): undefined {
  const error = findings.error.bind(findings, 'not-phs');
  const { data, metadata } = root;
  const help = 'use the file that phs reads from /config, such as data.yaml';
  if (fieldOf(root, 'kind') === 'ConfigMap') {
    const texts = isValueMap(data) ? data : {};
    const isData = (text: unknown) => typeof text === 'string' && /^[ \t]*"?maclist/im.test(text);
    const key = Object.keys(texts).find((name) => isData(texts[name]));
    const empty = 'The file is a manifest of a ConfigMap, but none of its data is a data file of phs.';
    if (key === undefined) return error(selfLocation(root), empty, help);
    const name = (isValueMap(metadata) && textAt(metadata, 'name')?.value) || 'NAME';
    const path = quoteShell(`jsonpath={.data.${key.replaceAll('.', '\\.')}}`);
    const message = `The file is a manifest of a ConfigMap: the data file of phs is in ${displayName(key)} of its data.`;
    const command = `kubectl get configmap ${quoteShell(name)} -o ${path} > data.yaml`;
    return error(keyLocationOf(texts, key), message, `extract it from the cluster: ${command}`);
  }
  const likely = Object.keys(root).find((key) => nearest(key, ['maclist'], 0.3));
  const none = 'The file has no maclist: it is not a data file of phs, or contains no machine.';
  if (likely === undefined) return error(selfLocation(root), none, help);
  const message = `The file has ${displayName(likely)} instead of maclist: phs finds no machine.`;
  return error(keyLocationOf(root, likely), message, 'rename it to maclist');
}

/** Returns the values of a map as phs reads it; reports values of other types, and keys that phs does not read. */
function readMap<W extends Where>(map: ValueMap, where: W, findings: Findings): Read<W> {
  const types: Readonly<Record<string, string>> = KEYS[where];
  for (const key of Object.keys(map))
    if (!Object.hasOwn(types, key.toLowerCase())) reportUnread(map, key, where, findings);
  const found = Object.entries(types).map(([name, type]) => {
    const value = fieldOf(map, name);
    if (type === 'text' && typeof value !== 'object') return [name, textAt(map, name)];
    if (type === 'a map' && isValueMap(value)) return [name, value];
    if (type === 'a list' && Array.isArray(value)) return [name, mapsOf(value, name, findings)];
    if (value !== undefined) reject(name, type, locationFor(map, name), findings);
    return [name, undefined];
  });
  return Object.fromEntries(found);
}

function reportUnread(map: ValueMap, key: string, where: Where, findings: Findings): void {
  const missing = Object.keys(KEYS[where]).filter((name) => keyFor(map, name) === undefined);
  const likely = nearest(key, missing, 0.3);
  const at = keyLocationOf(map, key);
  const message = `phs does not read ${displayName(key)} in ${where}: it ignores this key.`;
  if (likely) findings.warning('phs-key', at, message, `rename it to ${likely}, if it is a typo`);
  else findings.notes.left(displayName(key), 'phs has no such key and ignores it', at);
}

function mapsOf(list: Value[], name: string, findings: Findings): ValueMap[] {
  for (const [index, item] of list.entries())
    if (!isValueMap(item)) reject(`an entry of ${name}`, 'a map', locationOf(list, index), findings);
  return list.filter(isValueMap);
}

function readNode(entry: ValueMap, findings: Findings): PhsNode | undefined {
  const at = selfLocation(entry);
  const error = findings.error.bind(findings, 'phs-value');
  const { macaddress: macText, values } = readMap(entry, 'an entry of maclist', findings);
  const mac = macText && parseMac(macText.value);
  const message = macText
    ? 'This is not a MAC address of a NIC: no machine requests it.'
    : 'A machine has no macaddress: phs cannot find it.';
  const form = 'write it as iPXE does, in lower case with colons: 52:54:00:12:34:56';
  if (!mac) error(macText?.at ?? at, message, form);
  if (fieldOf(entry, 'values') === undefined)
    reject('values of a machine', 'a map with its IP address and config', at, findings);
  if (!values) return undefined;
  const { config, ...texts } = readMap(values, 'values', findings);
  const none = 'The machine has no config: phs serves null, and the installer stops.';
  const help = 'add one, such as `config: { <<: *location_X_join }`, or remove the machine from the file';
  if (fieldOf(values, 'config') === undefined)
    error(keyLocationOf(entry, keyFor(entry, 'values') ?? ''), none, help);
  if (!macText || !mac || !config) return undefined;
  return { ...texts, mac, macText, at, config };
}

function reject(what: string, expected: string, at: SourceLocation, findings: Findings): void {
  const message = `${what[0]?.toUpperCase()}${what.slice(1)} must be ${expected}: phs cannot read the file.`;
  const help = `write ${expected}; phs silently drops the rest of the file after such an error`;
  findings.error('phs-value', at, message, help);
}
