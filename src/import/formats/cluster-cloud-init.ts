import { parseYamlValue } from '../../inventory/parse.ts';
import { CREDENTIAL, nameOf } from '../../knowledge/cluster-dump.ts';
import { Report } from '../../source/diagnostics/report.ts';
import {
  isValueMap,
  locatedList,
  locationOf,
  selfLocation,
  setLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import { Source, type SourceLocation } from '../../source/source.ts';
import { displayName } from '../names.ts';
import { emptyMap, setIn } from '../set-in.ts';
import type { MapReader } from './map-reader.ts';

/** The user of an installed node. */
const USER = 'rancher';

/** A value for a key of the configuration of nodes. */
interface Entry {
  readonly path: readonly string[];
  readonly value: Value;
}

/** Keys whose values are lists: the entries of several resources are joined. */
const LISTS: readonly string[] = ['ssh_authorized_keys', 'modules', 'write_files', 'dns_nameservers'];

/** Reads the contents of a CloudInit back into keys of the installer's configuration, and adds notes on the rest. */
export class CloudInitKeys {
  readonly #name: string;
  readonly #at: SourceLocation;
  readonly #reader: MapReader;
  readonly #entries: Entry[] = [];

  constructor(cloudInit: ValueMap, reader: MapReader) {
    const { spec } = cloudInit;
    this.#name = `CloudInit ${displayName(nameOf(cloudInit) ?? '')}`;
    this.#reader = reader;
    this.#at = isValueMap(spec) ? locationOf(spec, 'contents') : selfLocation(cloudInit);
    const text = isValueMap(spec) && typeof spec.contents === 'string' ? spec.contents : '';
    const contents = parseYamlValue(new Source('', text), new Report());
    const stages = isValueMap(contents) ? contents.stages : undefined;
    if (!isValueMap(stages)) this.#left('', 'its contents are not stages of cloud-init');
    for (const [stage, steps] of Object.entries(isValueMap(stages) ? stages : {}))
      for (const step of Array.isArray(steps) ? steps : []) if (isValueMap(step)) this.#step(stage, step);
  }

  /** Adds the values to the configurations of the nodes that it is for. */
  addTo(configs: readonly ValueMap[]): void {
    for (const config of configs) {
      if (!isValueMap(config.os)) setIn(config, ['os'], emptyMap(this.#at), this.#at);
      for (const { path, value } of this.#entries) this.#add(config.os as ValueMap, path, value);
    }
  }

  #add(os: ValueMap, path: readonly string[], value: Value): void {
    const [first = ''] = path;
    const known = os[first];
    if (!LISTS.includes(first)) {
      const inner = isValueMap(known) ? known[path[1] ?? ''] : undefined;
      if (inner === undefined) setIn(os, path, value, this.#at);
      else if (inner !== value) this.#left(path.join('.'), 'another CloudInit sets it, too');
      return;
    }
    const all = Array.isArray(known) ? known : [];
    if (all.some((one) => JSON.stringify(one) === JSON.stringify(value))) return;
    os[first] = locatedList(
      this.#at,
      [...all, value].map((one) => ({ value: one, at: this.#at })),
    );
    setLocation(os, first, this.#at);
  }

  #step(stage: string, step: ValueMap): void {
    const isKnown = /^(?:initramfs|network|boot|rootfs)(?:\.after)?$/.test(stage);
    for (const [key, value] of Object.entries(step)) {
      if (key === 'name') continue;
      const taken = isKnown && this.#take(key, value);
      if (!taken) this.#left(`${stage} ${key}`, 'no key of the configuration does this');
    }
  }

  #take(key: string, value: Value): boolean {
    if (key === 'authorized_keys' && isValueMap(value)) {
      const { [USER]: keys, ...others } = value;
      for (const one of Array.isArray(keys) ? keys : []) this.#set(['ssh_authorized_keys'], String(one));
      return Object.keys(others).length === 0;
    }
    if ((key === 'sysctl' || key === 'environment') && isValueMap(value)) {
      for (const [name, one] of Object.entries(value))
        this.#set([key === 'sysctl' ? 'sysctls' : key, name], String(one));
      return true;
    }
    if (key === 'files' && Array.isArray(value)) return value.map((one) => this.#file(one)).every(Boolean);
    if (key === 'commands' && Array.isArray(value))
      return value.map((one) => this.#command(String(one))).every(Boolean);
    if (key !== 'users' || !isValueMap(value)) return false;
    const { [USER]: user, ...others } = value;
    if (isValueMap(user) && user.passwd !== undefined) this.#set(['password'], String(user.passwd));
    return Object.keys(others).length === 0;
  }

  #file(file: Value): boolean {
    if (!isValueMap(file) || typeof file.path !== 'string') return false;
    const { path, content = '', encoding, permissions, ownerstring } = file;
    const entry = emptyMap(this.#at);
    const values = {
      path,
      content,
      encoding,
      permissions: typeof permissions === 'number' ? `0${permissions.toString(8)}` : permissions,
      owner: ownerstring,
    };
    for (const [key, value] of Object.entries(values))
      if (value !== undefined && value !== '') setIn(entry, [key], value, this.#at);
    this.#set(['write_files'], entry);
    return true;
  }

  /** The commands that the installer itself uses: for modules, and for DNS servers in a file or profile. */
  #command(command: string): boolean {
    const [, module] = /^modprobe ([\w-]+)$/.exec(command) ?? [];
    const [, servers] = /DNS_STATIC_SERVERS="([\d. ]+)"|dns=([\d.;]+);/.exec(command)?.filter(Boolean) ?? [];
    if (module !== undefined) this.#set(['modules'], module);
    for (const server of servers?.split(/[ ;]+/) ?? []) this.#set(['dns_nameservers'], server);
    return module !== undefined || servers !== undefined;
  }

  #set(path: readonly string[], value: Value): void {
    if (JSON.stringify(value).includes(CREDENTIAL))
      this.#reader.open(
        `os.${path.join('.')}`,
        'the dump contains no credentials: set it with a reference to a secret',
        this.#at,
      );
    else this.#entries.push({ path, value });
  }

  #left(what: string, why: string): void {
    this.#reader.left([this.#name, what].filter(Boolean).join(': '), why, this.#at);
  }
}
