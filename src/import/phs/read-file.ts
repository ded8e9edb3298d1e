import type { Report } from '../../source/diagnostics/report.ts';
import { keyPlaceOf, type Place, placeOf, selfPlace } from '../../source/origin.ts';
import { isValueMap, type ValueMap } from '../../source/value.ts';
import { parseMac } from '../../values/mac.ts';
import { nearest } from '../../values/nearest.ts';
import { quoteShell } from '../../values/quoting/shell.ts';
import type { Notes } from '../notes.ts';
import { quoteVisibly } from '../visibly.ts';
import { fieldOf, keyFor, keyPlaceFor, placeFor, type Text, textAt } from './fields.ts';
import type { PhsBlock, PhsFile, PhsNode } from './file.ts';

/** The keys that phs reads, by where they stand. Source: the type `List` of its main.go. */
const KEYS = {
  file: ['server', 'downloadserver', 'maclist', 'config'],
  block: ['cluster', 'config_create', 'config_join'],
  entry: ['macaddress', 'values'],
  values: ['ipaddress', 'netmask', 'gateway', 'interface', 'version', 'type', 'config'],
} as const;

/**
 * Takes a file as phs does. Reports what phs could not have read, and keys that are most probably misspelt; other keys that
 * phs passes over are noted. Gives undefined where the file is none of phs's.
 */
export function readPhsFile(root: ValueMap, notes: Notes, report: Report): PhsFile | undefined {
  if (keyFor(root, 'maclist') === undefined) {
    reportStranger(root, report);
    return undefined;
  }
  const reader = new Reader(notes, report);
  reader.checkKeys(root, KEYS.file, 'the file');
  return {
    server: reader.text(root, 'server'),
    downloadServer: reader.text(root, 'downloadserver'),
    blocks: reader.maps(root, 'config').map((block) => reader.block(block)),
    nodes: reader.maps(root, 'maclist').flatMap((entry) => reader.node(entry) ?? []),
  };
}

function reportStranger(root: ValueMap, report: Report): void {
  if (fieldOf(root, 'kind') === 'ConfigMap') {
    reportConfigMap(root, report);
    return;
  }
  const meant = Object.keys(root).find((key) => nearest(key, ['maclist'], 0.3));
  report.error({
    code: 'not-phs',
    message: meant
      ? `The file has no maclist, and ${quoteVisibly(meant)} in its place: phs would know no machine.`
      : 'The file has no maclist: it is no data file of phs, or has no machine in it.',
    at: meant === undefined ? selfPlace(root) : keyPlaceOf(root, meant),
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
        : `This is a manifest of a ConfigMap: the data file of phs is the text of ${quoteVisibly(key)} in its data.`,
    at: texts && key !== undefined ? keyPlaceOf(texts, key) : selfPlace(root),
    help:
      path === undefined
        ? 'give the file that phs reads below /config, such as data.yaml'
        : `take it out, where the cluster has it: kubectl get configmap ${quoteShell(name ?? 'NAME')} -o ${quoteShell(`jsonpath={.data.${path}}`)} > data.yaml`,
  });
}

class Reader {
  readonly #notes: Notes;
  readonly #report: Report;

  constructor(notes: Notes, report: Report) {
    this.#notes = notes;
    this.#report = report;
  }

  /** Says which keys of a map phs passes over. */
  checkKeys(map: ValueMap, known: readonly string[], where: string): void {
    for (const key of Object.keys(map)) {
      if (known.includes(key.toLowerCase())) continue;
      const meant = nearest(
        key,
        known.filter((name) => keyFor(map, name) === undefined),
        0.3,
      );
      const at = keyPlaceOf(map, key);
      if (meant)
        this.#report.warning({
          code: 'phs-key',
          message: `phs reads no ${quoteVisibly(key)} in ${where}: it passed this over.`,
          at,
          help: `call it ${meant}, if that is what is meant`,
        });
      else this.#notes.add('left', quoteVisibly(key), 'phs reads no such key, and passed it over', at);
    }
  }

  /** A text, where it is said. */
  text(map: ValueMap, name: string): Text | undefined {
    const value = fieldOf(map, name);
    if (value !== undefined && typeof value === 'object') {
      this.#wrong(map, name, 'text');
      return undefined;
    }
    return textAt(map, name);
  }

  /** The maps of a list. */
  maps(map: ValueMap, name: string): ValueMap[] {
    const list = fieldOf(map, name);
    if (list === undefined) {
      if (name === 'maclist') this.#wrong(map, name, 'a list of machines');
      return [];
    }
    if (!Array.isArray(list)) {
      this.#wrong(map, name, 'a list');
      return [];
    }
    if (list.length === 0 && name === 'maclist') this.#wrong(map, name, 'a list of machines');
    return list.flatMap((item, index) => {
      if (isValueMap(item)) return [item];
      this.#wrongAt(`an entry of ${name}`, 'a map', placeOf(list, index));
      return [];
    });
  }

  block(block: ValueMap): PhsBlock {
    this.checkKeys(block, KEYS.block, 'an entry of config');
    return {
      label: this.text(block, 'cluster'),
      at: selfPlace(block),
      create: this.#map(block, 'config_create'),
      join: this.#map(block, 'config_join'),
    };
  }

  /** A machine, with all that phs answers for it. */
  node(entry: ValueMap): PhsNode | undefined {
    this.checkKeys(entry, KEYS.entry, 'an entry of maclist');
    const macText = this.text(entry, 'macaddress');
    const values = this.#map(entry, 'values');
    const mac = macText && parseMac(macText.value);
    if (!mac) this.#reportMac(entry, macText);
    if (!values) {
      if (fieldOf(entry, 'values') === undefined)
        this.#wrongAt('values of a machine', 'a map with its address and config', selfPlace(entry));
      return undefined;
    }
    this.checkKeys(values, KEYS.values, 'values');
    const config = this.#map(values, 'config');
    if (fieldOf(values, 'config') === undefined)
      this.#report.error({
        code: 'phs-value',
        message: 'The machine has no config: phs answered null, and the installer stopped.',
        at: keyPlaceFor(entry, 'values'),
        help: 'give it one, such as `config: { <<: *location_X_join }`; or take the machine out of the file',
      });
    if (!mac || !config) return undefined;
    return {
      mac,
      macText,
      at: selfPlace(entry),
      ip: this.text(values, 'ipaddress'),
      netmask: this.text(values, 'netmask'),
      gateway: this.text(values, 'gateway'),
      interface: this.text(values, 'interface'),
      version: this.text(values, 'version'),
      type: this.text(values, 'type'),
      config,
    };
  }

  #map(map: ValueMap, name: string): ValueMap | undefined {
    const value = fieldOf(map, name);
    if (value === undefined) return undefined;
    if (isValueMap(value)) return value;
    this.#wrong(map, name, 'a map');
    return undefined;
  }

  #reportMac(entry: ValueMap, text: Text | undefined): void {
    this.#report.error({
      code: 'phs-value',
      message: text
        ? 'This is no MAC address of a NIC: no machine asks for it.'
        : 'A machine has no macaddress: nothing could ask for it.',
      at: text?.at ?? selfPlace(entry),
      help: 'write it as iPXE shows it, in lower case and with colons: 52:54:00:12:34:56',
    });
  }

  #wrong(map: ValueMap, name: string, expected: string): void {
    this.#wrongAt(name, expected, placeFor(map, name));
  }

  #wrongAt(what: string, expected: string, at: Place): void {
    this.#report.error({
      code: 'phs-value',
      message: `${what[0]?.toUpperCase()}${what.slice(1)} should be ${expected}: phs cannot read it otherwise.`,
      at,
      help: 'correct it; phs says nothing of such a fault, and starts without what follows',
    });
  }
}
