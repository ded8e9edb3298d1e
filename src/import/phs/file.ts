import { isValueMap, keyLocationOf, locationOf, selfLocation, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { type Mac, parseMac } from '../../values/identifiers.ts';
import { quoteShell } from '../../values/quoting.ts';
import { nearest } from '../../values/text.ts';
import { fieldOf, keyFor, locationFor, type Text, textAt } from '../model/config-values.ts';
import { displayName } from '../model/names.ts';
import type { Findings } from '../model/notes.ts';

/** The contents of phs's data file, as phs reads it. */
export interface PhsFile {
  /** The base URL of configurations, without a port. Older files lack it, because phs had it built in. */
  readonly server?: Text | undefined;
  /** The base URL of installation media, without the directory. */
  readonly downloadServer?: Text | undefined;
  readonly blocks: readonly PhsBlock[];
  readonly nodes: readonly PhsNode[];
}

/** An entry of `config`: the configurations of one cluster, which nodes merge. */
export interface PhsBlock {
  readonly label?: Text | undefined;
  readonly at: SourceLocation;
  readonly create?: ValueMap | undefined;
  readonly join?: ValueMap | undefined;
}

/** An entry of `maclist`. */
export interface PhsNode {
  readonly mac: Mac;
  readonly macText: Text;
  readonly at: SourceLocation;
  readonly ip?: Text | undefined;
  readonly netmask?: Text | undefined;
  readonly gateway?: Text | undefined;
  readonly interface?: Text | undefined;
  readonly version?: Text | undefined;
  readonly type?: Text | undefined;
  readonly config: ValueMap;
}

/**
 * Reads a file as phs does. Reports values that phs cannot read, and likely typos in keys; adds notes on other keys that phs
 * ignores. Returns undefined if the file is not one of phs. Source of the keys: the type `List` of its main.go.
 */
export function readPhsFile(root: ValueMap, findings: Findings): PhsFile | undefined {
  if (keyFor(root, 'maclist') === undefined) return reportOtherFile(root, findings);
  const reader = new Reader(findings);
  reader.checkKeys(root, ['server', 'downloadserver', 'maclist', 'config'], 'the file');
  return {
    server: reader.text(root, 'server'),
    downloadServer: reader.text(root, 'downloadserver'),
    blocks: reader.maps(root, 'config', 'a list').map((block) => reader.block(block)),
    nodes: reader.maps(root, 'maclist', 'a list of machines').flatMap((entry) => reader.node(entry) ?? []),
  };
}

/** Reports a file without machines; a ConfigMap, which phs's manifests for Kubernetes have, can contain the data file. */
function reportOtherFile(root: ValueMap, findings: Findings): undefined {
  const { data, metadata } = root;
  const help = 'use the file that phs reads from /config, such as data.yaml';
  if (fieldOf(root, 'kind') === 'ConfigMap') {
    const texts = isValueMap(data) ? data : {};
    const isData = (text: unknown) => typeof text === 'string' && /^[ \t]*"?maclist/im.test(text);
    const key = Object.keys(texts).find((name) => isData(texts[name]));
    const name = (isValueMap(metadata) && textAt(metadata, 'name')?.value) || 'NAME';
    if (key === undefined) {
      const message = 'The file is a manifest of a ConfigMap, but none of its data is a data file of phs.';
      return findings.error('not-phs', selfLocation(root), message, help);
    }
    const path = quoteShell(`jsonpath={.data.${key.replaceAll('.', '\\.')}}`);
    return findings.error(
      'not-phs',
      keyLocationOf(texts, key),
      `The file is a manifest of a ConfigMap: the data file of phs is in ${displayName(key)} of its data.`,
      `extract it from the cluster: kubectl get configmap ${quoteShell(name)} -o ${path} > data.yaml`,
    );
  }
  const likely = Object.keys(root).find((key) => nearest(key, ['maclist'], 0.3));
  return findings.error(
    'not-phs',
    likely === undefined ? selfLocation(root) : keyLocationOf(root, likely),
    likely
      ? `The file has ${displayName(likely)} instead of maclist: phs finds no machine.`
      : 'The file has no maclist: it is not a data file of phs, or contains no machine.',
    likely ? 'rename it to maclist' : help,
  );
}

class Reader {
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  checkKeys(map: ValueMap, known: readonly string[], where: string): void {
    for (const key of Object.keys(map)) {
      if (known.includes(key.toLowerCase())) continue;
      const missing = known.filter((name) => keyFor(map, name) === undefined);
      const likely = nearest(key, missing, 0.3);
      const at = keyLocationOf(map, key);
      if (likely)
        this.#findings.warning(
          'phs-key',
          at,
          `phs does not read ${displayName(key)} in ${where}: it ignores this key.`,
          `rename it to ${likely}, if it is a typo`,
        );
      else this.#findings.notes.left(displayName(key), 'phs has no such key and ignores it', at);
    }
  }

  text(map: ValueMap, name: string): Text | undefined {
    if (typeof fieldOf(map, name) === 'object') this.#wrong(name, 'text', locationFor(map, name));
    return textAt(map, name);
  }

  maps(map: ValueMap, name: string, expected: string): ValueMap[] {
    const list = fieldOf(map, name);
    const isNeeded = name === 'maclist';
    const isList = Array.isArray(list);
    if (list === undefined ? isNeeded : !isList || (isNeeded && list.length === 0))
      this.#wrong(name, isList || list === undefined ? expected : 'a list', locationFor(map, name));
    if (!isList) return [];
    return list.flatMap((item, index) => {
      if (isValueMap(item)) return [item];
      this.#wrong(`an entry of ${name}`, 'a map', locationOf(list, index));
      return [];
    });
  }

  block(block: ValueMap): PhsBlock {
    this.checkKeys(block, ['cluster', 'config_create', 'config_join'], 'an entry of config');
    return {
      label: this.text(block, 'cluster'),
      at: selfLocation(block),
      create: this.#map(block, 'config_create'),
      join: this.#map(block, 'config_join'),
    };
  }

  node(entry: ValueMap): PhsNode | undefined {
    this.checkKeys(entry, ['macaddress', 'values'], 'an entry of maclist');
    const macText = this.text(entry, 'macaddress');
    const values = this.#map(entry, 'values');
    const mac = macText && parseMac(macText.value);
    if (!mac)
      this.#findings.error(
        'phs-value',
        macText?.at ?? selfLocation(entry),
        macText
          ? 'This is not a MAC address of a NIC: no machine requests it.'
          : 'A machine has no macaddress: phs cannot find it.',
        'write it as iPXE does, in lower case with colons: 52:54:00:12:34:56',
      );
    if (fieldOf(entry, 'values') === undefined)
      this.#wrong('values of a machine', 'a map with its IP address and config', selfLocation(entry));
    if (!values) return undefined;
    const fields = ['ipaddress', 'netmask', 'gateway', 'interface', 'version', 'type'];
    this.checkKeys(values, [...fields, 'config'], 'values');
    const config = this.#map(values, 'config');
    if (fieldOf(values, 'config') === undefined)
      this.#findings.error(
        'phs-value',
        keyLocationOf(entry, keyFor(entry, 'values') ?? ''),
        'The machine has no config: phs serves null, and the installer stops.',
        'add one, such as `config: { <<: *location_X_join }`, or remove the machine from the file',
      );
    if (!mac || !config) return undefined;
    const [ip, netmask, gateway, nic, version, type] = fields.map((name) => this.text(values, name));
    const texts = { macText, ip, netmask, gateway, interface: nic, version, type };
    return { mac, at: selfLocation(entry), config, ...texts };
  }

  #map(map: ValueMap, name: string): ValueMap | undefined {
    const value = fieldOf(map, name);
    if (value === undefined || isValueMap(value)) return value;
    this.#wrong(name, 'a map', locationFor(map, name));
    return undefined;
  }

  #wrong(what: string, expected: string, at: SourceLocation): void {
    const message = `${what[0]?.toUpperCase()}${what.slice(1)} must be ${expected}: phs cannot read the file.`;
    const help = `write ${expected}; phs silently drops the rest of the file after such an error`;
    this.#findings.error('phs-value', at, message, help);
  }
}
