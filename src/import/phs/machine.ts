import { isValueMap, locationOf, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { type Mac, NIC_NAME, parseMac } from '../../values/identifiers.ts';
import { nearest } from '../../values/text.ts';
import type { Version } from '../../values/version.ts';
import { modernConfig } from '../joined/modern-config.ts';
import { dropEmptyParts, type Text, takeInstallation, takeText, textAt } from '../model/config-values.ts';
import { hostStemOf } from '../model/names.ts';
import type { Findings, Notes } from '../model/notes.ts';
import type { PhsNode } from './file.ts';

/** A machine of a site. Values with another source are removed from its configuration. */
export interface Machine
  extends Pick<PhsNode, 'at' | 'ip' | 'netmask' | 'gateway' | 'mac' | 'macText' | 'version'> {
  readonly mode: 'create' | 'join';
  readonly modeFrom: readonly SourceLocation[];
  readonly hostname?: Text | undefined;
  readonly token?: Text | undefined;
  readonly serverUrl?: Text | undefined;
  readonly isoUrl?: Text | undefined;
  readonly vip?: Text | undefined;
  readonly vipMode?: Text | undefined;
  readonly vipHwAddr?: Text | undefined;
  /** The name of the NIC that it boots from. */
  readonly nicName?: Text | undefined;
  /** Further NICs of the management bond; each has a MAC address or a name. */
  readonly otherNics: readonly {
    readonly name?: Text | undefined;
    readonly mac?: Mac | undefined;
    readonly at: SourceLocation;
  }[];
  /** The rest of its configuration, with the keys of its release. */
  readonly config: ValueMap;
}

/** Returns the machine of an entry of `maclist`, for a release. Adds notes on changes, and reports invalid values. */
export function machineOf(node: PhsNode, release: Version, findings: Findings): Machine {
  const { notes } = findings;
  const { mode, modeFrom } = modeOf(node, findings);
  const config = modernConfig(node.config, { release, mode, notes });
  const os = mapIn(config, 'os');
  const install = mapIn(config, 'install');
  const management = install && mapIn(install, 'management_interface');
  const layout = takeText(config, 'scheme_version');
  if (layout && layout.value !== '1')
    notes.changed('scheme_version', 'every release that harvgen supports reads layout 1', layout.at);
  takeText(install, 'mode');
  const machine = {
    ...node,
    ...takeAddress(node, management, findings),
    ...takeNics(node, management, findings),
    mode,
    modeFrom,
    hostname: takeText(os, 'hostname'),
    ...takeInstallation(config),
    config,
  };
  if (install && management && Object.keys(management).length === 0) delete install.management_interface;
  dropEmptyParts(config);
  return machine;
}

function mapIn(map: ValueMap, key: string): ValueMap | undefined {
  const value = map[key];
  return isValueMap(value) ? value : undefined;
}

const MODES = ['create', 'join'];

/** Returns the mode: `install.mode`, which the installer uses; `type` is only for readers. */
function modeOf({ config, type, at }: PhsNode, findings: Findings): Pick<Machine, 'mode' | 'modeFrom'> {
  const install = mapIn(config, 'install');
  const installMode = install && textAt(install, 'mode');
  const isMode = (text: Text | undefined): text is Text & { value: 'create' | 'join' } =>
    text !== undefined && MODES.includes(text.value);
  const likely = type && !isMode(type) ? (nearest(type.value, MODES) ?? installMode?.value) : undefined;
  if (installMode && !isMode(installMode))
    findings.error(
      'phs-value',
      installMode.at,
      'The mode of a Harvester installation must be create or join.',
      'set install.mode to create or join',
    );
  else if (installMode && type && installMode.value !== type.value)
    findings.warning(
      'phs-mode',
      type.at,
      `The type of this machine differs from its install.mode, ${installMode.value}: the installer uses install.mode.`,
      likely
        ? `did you mean type: ${likely}?`
        : `write type: ${installMode.value}, or merge the configuration of a ${type.value} node`,
      ['the mode is set at', installMode.at],
    );
  const effective = isMode(installMode) ? installMode : isMode(type) ? type : undefined;
  if (!effective && !installMode)
    findings.error(
      'phs-value',
      type?.at ?? at,
      'This machine has no install.mode and no type: the installer stops.',
      'add install: {mode: join} to its config',
    );
  return { mode: effective?.value ?? 'join', modeFrom: effective ? [effective.at] : [] };
}

/** Returns the network settings: static ones of the configuration, otherwise those in `values`, which the installer uses. */
function takeAddress(
  node: PhsNode,
  management: ValueMap | undefined,
  findings: Findings,
): Pick<Machine, 'ip' | 'netmask' | 'gateway'> {
  const { notes } = findings;
  const method = takeText(management, 'method');
  const ip = takeText(management, 'ip');
  const netmask = takeText(management, 'subnet_mask');
  const gateway = takeText(management, 'gateway');
  if (method?.value === 'dhcp')
    notes.changed(
      'method',
      'DHCP can lease the node another IP address than ipaddress, which its installer uses: it is now static and keeps ' +
        'that one. For a DHCP server with reservations, set dhcp: { server: external } in networks.mgmt',
      method.at,
    );
  else if (method && method.value !== 'static')
    notes.left(
      'method',
      'not dhcp or static: the IP address is static, like that of the installer',
      method.at,
    );
  if (method?.value !== 'static') {
    for (const [key, text] of Object.entries({ ip, subnet_mask: netmask, gateway }))
      if (text && method)
        notes.left(`management_interface.${key}`, 'it applies only with the method static', text.at);
    if (method) return { ip: node.ip, netmask: node.netmask, gateway: node.gateway };
  }
  for (const [own, other, what] of [
    [ip, node.ip, 'IP address'],
    [netmask, node.netmask, 'netmask'],
    [gateway, node.gateway, 'gateway'],
  ] as const)
    if (own && other && own.value !== other.value)
      findings.warning(
        'phs-network',
        own.at,
        `The ${what} of the installed node differs from that of its installer: the site uses it for both.`,
        'set both to the same value',
        ["the installer's is at", other.at],
      );
  return { ip: ip ?? node.ip, netmask: netmask ?? node.netmask, gateway: gateway ?? node.gateway };
}

type Nics = Pick<Machine, 'nicName' | 'otherNics'>;

function takeNics(node: PhsNode, management: ValueMap | undefined, findings: Findings): Nics {
  const nics = nicsOf(node, management, findings);
  for (const name of [node.interface, nics.nicName, ...nics.otherNics.map((nic) => nic.name)])
    if (name && !NIC_NAME.test(name.value))
      findings.error(
        'phs-value',
        name.at,
        'This is not a valid name of a NIC.',
        'write its name in the installed system, such as eno1',
      );
  return nics;
}

function nicsOf(
  { mac, interface: named }: PhsNode,
  management: ValueMap | undefined,
  findings: Findings,
): Nics {
  const list = management?.interfaces;
  const entries = Array.isArray(list) ? list : [];
  const nics = entries.flatMap((one, index) =>
    isValueMap(one)
      ? [{ name: textAt(one, 'name'), hwAddr: textAt(one, 'hwAddr'), at: locationOf(entries, index) }]
      : [],
  );
  // The schema check reports invalid entries.
  if (!management || !Array.isArray(list) || nics.length < list.length)
    return { nicName: named, otherNics: [] };
  delete management.interfaces;
  const own = nics.find(({ name, hwAddr }) =>
    hwAddr ? parseMac(hwAddr.value) === mac : named === undefined || name?.value === named.value,
  );
  const otherNics: Machine['otherNics'][number][] = [];
  for (const nic of nics) {
    const { name, hwAddr, at } = nic;
    if (nic === own) continue;
    const other = hwAddr && parseMac(hwAddr.value);
    if (hwAddr && !other)
      findings.error(
        'phs-value',
        hwAddr.at,
        'This is not a MAC address of a NIC.',
        'write it as 52:54:00:12:34:56',
      );
    else if (other || (name && own)) otherNics.push({ name, mac: other, at });
  }
  const [installed] = nics;
  if (!own && otherNics.length === 0 && installed && named)
    findings.warning(
      'phs-interface',
      named.at,
      `The machine boots from ${named.value}, but the installed node has its IP address on another NIC, which phs does not know.`,
      'set the same NIC in both; the site contains the one that the machine boots from',
      ['the other is named at', installed.name?.at],
    );
  return { nicName: named ?? own?.name, otherNics };
}

/** Returns a host name for each machine of a cluster: its valid, unique name, with a number appended if necessary. */
export function hostNames(
  machines: readonly Pick<Machine, 'hostname' | 'macText'>[],
  site: string,
  release: Version,
  notes: Notes,
): string[] {
  const made = machines.map(({ hostname }) => hostname && validName(hostname.value, release));
  const named = made.filter((name) => name !== undefined);
  const stem = named[0] ?? `${hostStemOf(site, release) ?? 'node'}-1`;
  const countOf = new Map<string, number>();
  for (const name of named) countOf.set(unqualified(name), (countOf.get(unqualified(name)) ?? 0) + 1);
  // A name from the file is reserved for its machine, even if that is later in the file.
  const freeAfter = freeNames(countOf.keys());
  const taken = new Set<string>();
  return machines.map(({ hostname, macText: mac }, index) => {
    const own = made[index];
    const isFree = own !== undefined && !taken.has(unqualified(own));
    const name = isFree ? own : freeAfter(own ?? stem);
    taken.add(unqualified(name));
    const note = (why: string) => notes.changed(`${mac.value} is ${name}`, why, mac.at);
    if (!hostname) note('it has no os.hostname: the installer generates a random name');
    else if (!isFree && own !== undefined) note('another machine of its cluster has the same os.hostname');
    else if ((countOf.get(unqualified(name)) ?? 0) > 1 && /\D$/.test(unqualified(name)))
      note('others of its cluster have the same os.hostname, and get numbers: rename it if it needs one too');
    else if (name !== hostname.value)
      notes.changed('os.hostname', `not a valid host name: it is now ${name}`, hostname.at);
    return name;
  });
}

/** Returns a host name (RFC 1123); adds a prefix to digits, which cannot name a node. */
function validName(text: string, release: Version): string | undefined {
  const stem = hostStemOf(text, release);
  return stem === undefined ? undefined : /^[0-9.]+$/.test(stem) ? `node-${stem.replaceAll('.', '-')}` : stem;
}

/** Returns the first label, by which Kubernetes identifies nodes if the domain is cut off. */
function unqualified(name: string): string {
  return name.replace(/\..*$/, '');
}

/**
 * Returns a function that reserves unused host names: the name itself, or the next number after the one at its end, with
 * the same width. If the name has no number, it starts at 2. `known` contains the used names, without domains.
 */
function freeNames(known: Iterable<string>): (name: string) => string {
  const taken = new Set(known);
  // The next number for each stem, so that thousands of machines are counted only once.
  const nextOf = new Map<string, number>();
  return (name) => {
    const [label = '', ...domain] = name.split('.');
    const [, stem = '', digits = ''] = /^(.*?)(\d*)$/.exec(label) ?? [];
    const isCounted = digits !== '' && digits.length <= 9;
    const base = isCounted ? stem : `${label.slice(0, 50)}-`;
    let number = nextOf.get(label) ?? (isCounted ? Number(digits) + 1 : 2);
    let next = label;
    for (; taken.has(next); number += 1)
      next = `${base}${String(number).padStart(isCounted ? digits.length : 1, '0')}`;
    nextOf.set(label, number);
    taken.add(next);
    return [next, ...domain].join('.');
  };
}
