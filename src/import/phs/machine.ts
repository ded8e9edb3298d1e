import type { Report } from '../../source/diagnostics/report.ts';
import { isValueMap, locationOf, type ValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { type Mac, parseMac } from '../../values/identifiers.ts';
import { nearest } from '../../values/text.ts';
import type { Version } from '../../values/version.ts';
import { hostStemOf } from '../names.ts';
import type { Findings, Notes } from '../notes.ts';
import { modernConfig } from './config.ts';
import { type PhsNode, refuse, type Text, takeText, textAt } from './file.ts';

/** A machine as a site will say it: what follows from elsewhere has been taken out of its configuration. */
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
  /** Further NICs of the management bond whose MAC addresses are known. */
  readonly otherNics: readonly {
    readonly name?: Text | undefined;
    readonly mac: Mac;
    readonly at: SourceLocation;
  }[];
  /** The names of those whose MAC addresses are not. */
  readonly unknownNics: readonly Text[];
  /** What is left of its configuration, in the words of its release. */
  readonly config: ValueMap;
}

/** Makes a machine of an entry of `maclist`, for a release. Notes what becomes of its configuration, reports what does not fit. */
export function machineOf(node: PhsNode, release: Version, { notes, report }: Findings): Machine {
  const { mode, modeFrom } = modeOf(node, report);
  const config = modernConfig(node.config, { release, mode, notes });
  const os = mapIn(config, 'os');
  const install = mapIn(config, 'install');
  const management = install && mapIn(install, 'management_interface');
  const layout = takeText(config, 'scheme_version');
  if (layout && layout.value !== '1')
    notes.changed('scheme_version', 'every release that harvgen knows reads layout 1', layout.at);
  takeText(install, 'mode');
  const machine = {
    ...node,
    ...takeAddress(node, management, { notes, report }),
    ...takeNics(node, management, report),
    mode,
    modeFrom,
    hostname: takeText(os, 'hostname'),
    token: takeText(config, 'token'),
    serverUrl: takeText(config, 'server_url'),
    isoUrl: takeText(install, 'iso_url'),
    vip: takeText(install, 'vip'),
    vipMode: takeText(install, 'vip_mode'),
    vipHwAddr: takeText(install, 'vip_hw_addr'),
    config,
  };
  if (install && management && Object.keys(management).length === 0) delete install.management_interface;
  for (const key of ['os', 'install'])
    if (isValueMap(config[key]) && Object.keys(config[key]).length === 0) delete config[key];
  return machine;
}

function mapIn(map: ValueMap, key: string): ValueMap | undefined {
  const value = map[key];
  return isValueMap(value) ? value : undefined;
}

const MODES = ['create', 'join'];

/** What the installer goes by is `install.mode`; `type` is for readers. */
function modeOf({ config, type, at }: PhsNode, report: Report): Pick<Machine, 'mode' | 'modeFrom'> {
  const install = mapIn(config, 'install');
  const said = install && textAt(install, 'mode');
  const isMode = (text: Text | undefined): text is Text & { value: 'create' | 'join' } =>
    text?.value === 'create' || text?.value === 'join';
  const meant = type && !isMode(type) ? (nearest(type.value, MODES) ?? said?.value) : undefined;
  if (said && !isMode(said))
    refuse(
      report,
      said.at,
      'Harvester is installed in mode create or join, and in no other.',
      'write one of these',
    );
  else if (said && type && said.value !== type.value)
    report.warning({
      code: 'phs-mode',
      message: `The type of this machine is not its install.mode, ${said.value}, which is what the installer goes by.`,
      at: type.at,
      related: [{ message: 'the mode is set at', at: said.at }],
      help: meant
        ? `did you mean type: ${meant}?`
        : `write type: ${said.value}, or merge the configuration of a ${type.value} node`,
    });
  const counts = isMode(said) ? said : isMode(type) ? type : undefined;
  if (!counts && !said)
    refuse(
      report,
      type?.at ?? at,
      'Nothing says whether this machine creates its cluster or joins it: the installer would have stopped.',
      'add install: {mode: join} to its config',
    );
  return { mode: counts?.value ?? 'join', modeFrom: counts ? [counts.at] : [] };
}

/** The installer has the address of `values`; a static one of the configuration is what the node keeps. */
function takeAddress(
  node: PhsNode,
  management: ValueMap | undefined,
  { notes, report }: Findings,
): Pick<Machine, 'ip' | 'netmask' | 'gateway'> {
  const method = takeText(management, 'method');
  const ip = takeText(management, 'ip');
  const netmask = takeText(management, 'subnet_mask');
  const gateway = takeText(management, 'gateway');
  if (method?.value === 'dhcp')
    notes.changed(
      'method',
      'DHCP could give the node another address than the one that its installer has by ipaddress: it is static, and keeps ' +
        'that one. With a DHCP server that has reservations, write dhcp: { server: external } below networks.mgmt',
      method.at,
    );
  else if (method && method.value !== 'static')
    notes.left(
      'method',
      'it is dhcp or static: the address is static, as the one of the installer',
      method.at,
    );
  if (method?.value !== 'static') {
    for (const [key, text] of Object.entries({ ip, subnet_mask: netmask, gateway }))
      if (text && method)
        notes.left(`management_interface.${key}`, 'it counts with the method static alone', text.at);
    if (method) return { ip: node.ip, netmask: node.netmask, gateway: node.gateway };
  }
  for (const [own, other, what] of [
    [ip, node.ip, 'address'],
    [netmask, node.netmask, 'netmask'],
    [gateway, node.gateway, 'gateway'],
  ] as const)
    if (own && other && own.value !== other.value)
      report.warning({
        code: 'phs-network',
        message: `The ${what} of the installed node is not the one that its installer has.`,
        at: own.at,
        related: [{ message: "the installer's is at", at: other.at }],
        help: "let them be the same; the site takes the installed node's for both",
      });
  return { ip: ip ?? node.ip, netmask: netmask ?? node.netmask, gateway: gateway ?? node.gateway };
}

/** As the kernel takes it, of what schema/site.schema.json lets a NIC be called. */
const NIC_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/;

type Nics = Pick<Machine, 'nicName' | 'otherNics' | 'unknownNics'>;

function takeNics(node: PhsNode, management: ValueMap | undefined, report: Report): Nics {
  const nics = nicsOf(node, management, report);
  const others = nics.otherNics.map(({ name }) => name);
  for (const name of [node.interface, nics.nicName, ...others, ...nics.unknownNics])
    if (name && !NIC_NAME.test(name.value))
      refuse(
        report,
        name.at,
        'This is no name of a NIC.',
        'write the name that it has in the installed system, such as eno1',
      );
  return nics;
}

function nicsOf(
  { mac, macText, interface: named }: PhsNode,
  management: ValueMap | undefined,
  report: Report,
): Nics {
  const list = management?.interfaces;
  const entries = Array.isArray(list) ? list : [];
  const nics = entries.flatMap((one, index) =>
    isValueMap(one)
      ? [{ name: textAt(one, 'name'), hwAddr: textAt(one, 'hwAddr'), at: locationOf(entries, index) }]
      : [],
  );
  // Where the shape of an entry is wrong, that is said.
  if (!management || !Array.isArray(list) || nics.length < list.length)
    return { nicName: named, otherNics: [], unknownNics: [] };
  delete management.interfaces;
  const own = nics.find(({ name, hwAddr }) =>
    hwAddr ? parseMac(hwAddr.value) === mac : named === undefined || name?.value === named.value,
  );
  const otherNics: Machine['otherNics'][number][] = [];
  const unknownNics: Text[] = [];
  for (const nic of nics) {
    const { name, hwAddr, at } = nic;
    if (nic === own) continue;
    const other = hwAddr && parseMac(hwAddr.value);
    if (hwAddr && !other) refuse(report, hwAddr.at, 'This is no MAC address of a NIC.', 'correct it');
    else if (other) otherNics.push({ name, mac: other, at });
    else if (name && own) {
      unknownNics.push(name);
      report.warning({
        code: 'phs-bond',
        message: `${name.value} is in the management bond, and the file does not say its MAC address: the site leaves it out.`,
        at: name.at,
        related: [{ message: 'a machine of which this is said is at', at: macText.at }],
        help: 'give it below nics of each such node: a comment stands there',
      });
    }
  }
  const [installed] = nics;
  if (!own && otherNics.length === 0 && installed && named)
    report.warning({
      code: 'phs-interface',
      message: `The machine boots from ${named.value}, and the installed node has its address on another NIC, which phs knows nothing of.`,
      at: named.at,
      related: installed.name ? [{ message: 'the other is named at', at: installed.name.at }] : [],
      help: 'name one NIC in both places; the site has the one that the machine boots from',
    });
  return { nicName: named ?? own?.name, otherNics, unknownNics };
}

/** Returns a host name for each machine of a cluster: its own made valid, with a number where it has none of its own. */
export function hostNames(
  machines: readonly Pick<Machine, 'hostname' | 'macText'>[],
  site: string,
  release: Version,
  notes: Notes,
): string[] {
  const made = machines.map(({ hostname }) => hostname && validName(hostname.value, release));
  const named = made.filter((name) => name !== undefined);
  const stem = named[0] ?? `${hostStemOf(site, release) ?? 'node'}-1`;
  const counts = new Map<string, number>();
  for (const name of named) counts.set(unqualified(name), (counts.get(unqualified(name)) ?? 0) + 1);
  // What a machine is called in the file is its own, however late it comes.
  const freeAfter = freeNames(counts.keys());
  const taken = new Set<string>();
  return machines.map(({ hostname, macText: mac }, index) => {
    const own = made[index];
    const isFree = own !== undefined && !taken.has(unqualified(own));
    const name = isFree ? own : freeAfter(own ?? stem);
    taken.add(unqualified(name));
    const say = (why: string) => notes.changed(`${mac.value} is ${name}`, why, mac.at);
    if (!hostname) say('it has no os.hostname, and would be called at random');
    else if (!isFree && own !== undefined) say('another machine of its cluster has its os.hostname');
    else if ((counts.get(unqualified(name)) ?? 0) > 1 && /\D$/.test(unqualified(name)))
      say(
        'others of its cluster have the same os.hostname, and get numbers: call it otherwise if that is none',
      );
    else if (name !== hostname.value)
      notes.changed('os.hostname', `no host can be called so: it is ${name}`, hostname.at);
    return name;
  });
}

/** By RFC 1123; digits alone are no name for a node. */
function validName(text: string, release: Version): string | undefined {
  const stem = hostStemOf(text, release);
  return stem === undefined ? undefined : /^[0-9.]+$/.test(stem) ? `node-${stem.replaceAll('.', '-')}` : stem;
}

/** Kubernetes tells nodes apart by the first label where the rest is cut off. */
function unqualified(name: string): string {
  return name.replace(/\..*$/, '');
}

/**
 * Returns what takes host names that nobody has: a name itself if it is free; else it counts on from the number that the name
 * ends in, as wide as that is; from 2 where the name ends in none. `known` are names that somebody has, without domains.
 */
function freeNames(known: Iterable<string>): (name: string) => string {
  const taken = new Set(known);
  // The number that comes next, by what it comes behind: thousands of machines are counted once.
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
