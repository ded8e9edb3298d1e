import type { Report } from '../../source/diagnostics/report.ts';
import {
  hasLocation,
  isValueMap,
  keyLocationOf,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
  writtenLocationOf,
} from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { type Mac, parseMac } from '../../values/identifiers.ts';
import { quoteShell } from '../../values/quoting.ts';
import { nearest } from '../../values/text.ts';
import type { Sourced } from '../joined/gathered.ts';
import { displayName } from '../names.ts';
import type { Findings } from '../notes.ts';

/** What phs's data file says, as phs reads it. */
export interface PhsFile {
  /** Where configurations are fetched from, without a port. Older files lack it: phs had it built in. */
  readonly server?: Text | undefined;
  /** Where media are fetched from, but for the folder. */
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

/** A text of the file, and where it stands. */
export type Text = Sourced<string>;

/**
 * Gives the key of a map that is read for a name: the name itself, else one that differs in case. Source: Go's
 * encoding/json, by which phs reads its file.
 */
function keyFor(map: ValueMap, name: string): string | undefined {
  if (Object.hasOwn(map, name)) return name;
  return Object.keys(map).find((key) => key.toLowerCase() === name);
}

function placeFor(map: ValueMap, name: string): SourceLocation {
  return locationOf(map, keyFor(map, name) ?? name);
}

/** Gives a value of a map by the name that phs knows it by; undefined where it is not there, or null. */
function fieldOf(map: ValueMap, name: string): Exclude<Value, null> | undefined {
  const key = keyFor(map, name);
  return key === undefined ? undefined : (map[key] ?? undefined);
}

/** Gives a scalar as the text that is written; undefined for what is no scalar, and for what says nothing. */
export function textAt(map: ValueMap, name: string): Text | undefined {
  const key = keyFor(map, name) ?? name;
  const value = map[key] ?? undefined;
  if (value === undefined || typeof value === 'object') return undefined;
  const text = typeof value === 'string' ? value.trim() : writtenText(map, key);
  return text === '' ? undefined : { value: text, at: locationOf(map, key) };
}

/** Gives a scalar that is no text in YAML as it is written; where it stands by an alias, as its anchor has it. */
export function writtenText(holder: object, key: string | number): string {
  const { source, start, end } = writtenLocationOf(holder, key);
  return source.text.slice(start, end).trim();
}

/** Takes a `server_url` apart; undefined where it is no URL of a cluster. */
export function joinUrlOf(text: Text | undefined): { host: string; port: string | undefined } | undefined {
  const [, host, port] = /^https?:\/\/([^/:\s]+)(?::(\d+))?\/*$/.exec(text?.value ?? '') ?? [];
  return host === undefined ? undefined : { host, port };
}

/** Takes a key out of a map, and gives its value as text with its place; undefined where it is not there or no scalar. */
export function takeText(map: ValueMap | undefined, key: string): Text | undefined {
  if (!map || !hasLocation(map, key)) return undefined;
  const text = textAt(map, key);
  if (text) delete map[key];
  return text;
}

/**
 * Takes a file as phs does. Reports what phs could not have read, and keys that are most probably misspelt; other keys that
 * phs passes over are noted. Gives undefined where the file is none of phs's. Source of the keys: the type `List` of its main.go.
 */
export function readPhsFile(root: ValueMap, findings: Findings): PhsFile | undefined {
  if (keyFor(root, 'maclist') === undefined) {
    if (fieldOf(root, 'kind') === 'ConfigMap') reportConfigMap(root, findings.report);
    else reportStranger(root, findings.report);
    return undefined;
  }
  const reader = new Reader(findings);
  reader.checkKeys(root, ['server', 'downloadserver', 'maclist', 'config'], 'the file');
  return {
    server: reader.text(root, 'server'),
    downloadServer: reader.text(root, 'downloadserver'),
    blocks: reader.maps(root, 'config', 'a list').map((block) => reader.block(block)),
    nodes: reader.maps(root, 'maclist', 'a list of machines').flatMap((entry) => reader.node(entry) ?? []),
  };
}

function reportStranger(root: ValueMap, report: Report): void {
  const meant = Object.keys(root).find((key) => nearest(key, ['maclist'], 0.3));
  report.error({
    code: 'not-phs',
    message: meant
      ? `The file has no maclist, and ${displayName(meant)} in its place: phs would know no machine.`
      : 'The file has no maclist: it is no data file of phs, or has no machine in it.',
    at: meant === undefined ? selfLocation(root) : keyLocationOf(root, meant),
    help: meant ? 'call it maclist' : 'give the file that phs reads below /config, such as data.yaml',
  });
}

/** phs's manifests for Kubernetes have the data file within a ConfigMap. */
function reportConfigMap(root: ValueMap, report: Report): void {
  const { data, metadata } = root;
  const texts = isValueMap(data) ? data : undefined;
  const key = texts && Object.keys(texts).find((name) => /^\s*"?maclist/im.test(String(texts[name])));
  const name = isValueMap(metadata) ? textAt(metadata, 'name')?.value : undefined;
  const path = key?.replaceAll('.', '\\.');
  report.error({
    code: 'not-phs',
    message:
      key === undefined
        ? 'This is a manifest of a ConfigMap, and no key of its data holds a data file of phs.'
        : `This is a manifest of a ConfigMap: the data file of phs is the text of ${displayName(key)} in its data.`,
    at: texts && key !== undefined ? keyLocationOf(texts, key) : selfLocation(root),
    help:
      path === undefined
        ? 'give the file that phs reads below /config, such as data.yaml'
        : `take it out, where the cluster has it: kubectl get configmap ${quoteShell(name ?? 'NAME')} -o ${quoteShell(`jsonpath={.data.${path}}`)} > data.yaml`,
  });
}

/** Reports a value that phs or the installer could not take. */
export function refuse(report: Report, at: SourceLocation, message: string, help: string): void {
  report.error({ code: 'phs-value', message, at, help });
}

class Reader {
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  checkKeys(map: ValueMap, known: readonly string[], where: string): void {
    for (const key of Object.keys(map)) {
      if (known.includes(key.toLowerCase())) continue;
      const meant = nearest(
        key,
        known.filter((name) => keyFor(map, name) === undefined),
        0.3,
      );
      const at = keyLocationOf(map, key);
      if (meant)
        this.#findings.report.warning({
          code: 'phs-key',
          message: `phs reads no ${displayName(key)} in ${where}: it passed this over.`,
          at,
          help: `call it ${meant}, if that is what is meant`,
        });
      else this.#findings.notes.left(displayName(key), 'phs reads no such key, and passed it over', at);
    }
  }

  text(map: ValueMap, name: string): Text | undefined {
    if (typeof fieldOf(map, name) === 'object') this.#wrong(name, 'text', placeFor(map, name));
    return textAt(map, name);
  }

  maps(map: ValueMap, name: string, expected: string): ValueMap[] {
    const list = fieldOf(map, name);
    const isNeeded = name === 'maclist';
    const isList = Array.isArray(list);
    if (list === undefined ? isNeeded : !isList || (isNeeded && list.length === 0))
      this.#wrong(name, isList || list === undefined ? expected : 'a list', placeFor(map, name));
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
      refuse(
        this.#findings.report,
        macText?.at ?? selfLocation(entry),
        macText
          ? 'This is no MAC address of a NIC: no machine asks for it.'
          : 'A machine has no macaddress: nothing could ask for it.',
        'write it as iPXE shows it, in lower case and with colons: 52:54:00:12:34:56',
      );
    if (fieldOf(entry, 'values') === undefined)
      this.#wrong('values of a machine', 'a map with its address and config', selfLocation(entry));
    if (!values) return undefined;
    const fields = ['ipaddress', 'netmask', 'gateway', 'interface', 'version', 'type'];
    this.checkKeys(values, [...fields, 'config'], 'values');
    const config = this.#map(values, 'config');
    if (fieldOf(values, 'config') === undefined)
      refuse(
        this.#findings.report,
        keyLocationOf(entry, keyFor(entry, 'values') ?? ''),
        'The machine has no config: phs answered null, and the installer stopped.',
        'give it one, such as `config: { <<: *location_X_join }`; or take the machine out of the file',
      );
    if (!mac || !config) return undefined;
    const [ip, netmask, gateway, nic, version, type] = fields.map((name) => this.text(values, name));
    return {
      mac,
      macText,
      at: selfLocation(entry),
      ip,
      netmask,
      gateway,
      interface: nic,
      version,
      type,
      config,
    };
  }

  #map(map: ValueMap, name: string): ValueMap | undefined {
    const value = fieldOf(map, name);
    if (value === undefined || isValueMap(value)) return value;
    this.#wrong(name, 'a map', placeFor(map, name));
    return undefined;
  }

  #wrong(what: string, expected: string, at: SourceLocation): void {
    const message = `${what[0]?.toUpperCase()}${what.slice(1)} should be ${expected}: phs cannot read it otherwise.`;
    const help = 'correct it; phs says nothing of such a fault, and starts without what follows';
    refuse(this.#findings.report, at, message, help);
  }
}
