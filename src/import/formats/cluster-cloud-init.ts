import { parseYamlValue } from '../../inventory/parse.ts';
import { CREDENTIAL, nameOf } from '../../knowledge/cluster-dump.ts';
import { Report } from '../../source/diagnostics/report.ts';
import {
  isValueMap,
  locatedList,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
} from '../../source/origin.ts';
import { Source, type SourceLocation } from '../../source/source.ts';
import { displayName } from '../model/names.ts';
import { emptyMap, setIn } from '../model/set-in.ts';
import type { MapReader } from './map-reader.ts';

/** The user of an installed node. */
const USER = 'rancher';

/** Keys whose values are lists: the entries of several resources are joined. */
const LISTS: readonly string[] = ['ssh_authorized_keys', 'modules', 'write_files', 'dns_nameservers'];

/** Reads the contents of a CloudInit back into the configurations of its nodes, and adds notes on the rest. */
export function readCloudInit(cloudInit: ValueMap, configs: readonly ValueMap[], reader: MapReader): void {
  const { spec } = cloudInit;
  const at = isValueMap(spec) ? locationOf(spec, 'contents') : selfLocation(cloudInit);
  const text = isValueMap(spec) && typeof spec.contents === 'string' ? spec.contents : '';
  const contents = parseYamlValue(new Source('', text), new Report());
  const stages = isValueMap(contents) ? contents.stages : undefined;
  const left = (what: string, why: string) =>
    reader.left(`CloudInit ${displayName(nameOf(cloudInit) ?? '')}${what}`, why, at);
  if (!isValueMap(stages)) left('', 'its contents are not stages of cloud-init');
  for (const [stage, steps] of Object.entries(isValueMap(stages) ? stages : {}))
    for (const [key, content] of (Array.isArray(steps) ? steps : []).flatMap((step) =>
      Object.entries(isValueMap(step) ? step : {}),
    )) {
      if (key === 'name') continue;
      const isOfBoot = /^(?:initramfs|network|boot|rootfs)(?:\.after)?$/.test(stage);
      const entries = isOfBoot ? [...entriesOf(key, content, at)] : [undefined];
      if (entries.includes(undefined)) left(`: ${stage} ${key}`, 'no key of the configuration does this');
      for (const [path, value] of entries.filter((entry) => entry !== undefined))
        if (JSON.stringify(value).includes(CREDENTIAL)) {
          const todo = 'the dump contains no credentials: set it with a reference to a secret';
          reader.open(`os.${path.join('.')}`, todo, at);
        } else if (!configs.every((config) => add(config, path, value, at)))
          left(`: ${path.join('.')}`, 'another CloudInit sets it, too');
    }
}

/** Adds a value below `os` of a configuration, unless it is there. Returns false if another value is there. */
function add(config: ValueMap, path: readonly string[], value: Value, at: SourceLocation): boolean {
  const isList = LISTS.includes(path[0] ?? '');
  const whole = ['os', ...path];
  const known = whole.reduce<Value | undefined>(
    (inner, key) => (isValueMap(inner) ? inner[key] : undefined),
    config,
  );
  if ([known ?? []].flat().some((item) => JSON.stringify(item) === JSON.stringify(value))) return true;
  if (known !== undefined && !isList) return false;
  setIn(config, whole, isList ? locatedList(at, [{ value, at }]) : value, at);
  return true;
}

/** A value for a key of `os`; undefined for what no key does. */
type Entry = readonly [path: readonly string[], value: Value] | undefined;

function* entriesOf(key: string, value: Value, at: SourceLocation): Iterable<Entry> {
  const isList = key === 'files' || key === 'commands';
  if (isList ? !Array.isArray(value) : !isValueMap(value)) yield undefined;
  else
    for (const [name, content] of Object.entries(value as ValueMap)) {
      if (key === 'sysctl') yield [['sysctls', name], String(content)];
      else if (key === 'environment') yield [[key, name], String(content)];
      else if (key === 'files') yield fileEntry(content, at);
      else if (key === 'commands') yield* commandEntries(String(content));
      else if (key === 'authorized_keys' && name === USER && Array.isArray(content))
        for (const line of content) yield [['ssh_authorized_keys'], String(line)];
      else if (key === 'users' && name === USER && isValueMap(content) && content.passwd !== undefined)
        yield [['password'], String(content.passwd)];
      else yield undefined;
    }
}

function fileEntry(file: Value, at: SourceLocation): Entry {
  if (!isValueMap(file) || typeof file.path !== 'string') return undefined;
  const { path, content = '', encoding, permissions: mode, ownerstring: owner } = file;
  const permissions = typeof mode === 'number' ? `0${mode.toString(8)}` : mode;
  const entry = emptyMap(at);
  for (const [key, value] of Object.entries({ path, content, encoding, permissions, owner }))
    if (value !== undefined && value !== '') setIn(entry, [key], value, at);
  return [['write_files'], entry];
}

/** The commands that the installer itself uses: for modules, and for DNS servers in a file or profile. */
function* commandEntries(command: string): Iterable<Entry> {
  const [, module] = /^modprobe ([\w-]+)$/.exec(command) ?? [];
  const [, servers] = /DNS_STATIC_SERVERS="([\d. ]+)"|dns=([\d.;]+);/.exec(command)?.filter(Boolean) ?? [];
  if (module !== undefined) yield [['modules'], module];
  else if (servers === undefined) yield undefined;
  else for (const server of servers.split(/[ ;]+/)) yield [['dns_nameservers'], server];
}
