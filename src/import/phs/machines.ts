import { isoFile } from '../../knowledge/config-values.ts';
import {
  FIRST_RELEASE_WITH_FQDN,
  harvesterMedia,
  NEWEST_RELEASE,
  OLDEST_RELEASE,
  standingOf,
} from '../../knowledge/harvester.ts';
import { isValueMap, locationOf, type ValueMap } from '../../source/origin.ts';
import { contains, ipv4Number, isHostAddress, parseCidr } from '../../values/addresses.ts';
import { NIC_NAME } from '../../values/identifiers.ts';
import { nearest } from '../../values/text.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import { modernConfig } from '../joined/modern-config.ts';
import { joinUrlOf, mapIn, setIn, type Text, takeText, textAt } from '../model/config-values.ts';
import type { GatheredNetwork, GatheredVip, Sourced } from '../model/gathered.ts';
import { mediumOf } from '../model/kernel-params.ts';
import { type Findings, Notes } from '../model/notes.ts';
import { subnetOf } from '../model/subnets.ts';
import type { PhsCluster } from './clusters.ts';
import type { PhsNode } from './file.ts';

/** A cluster of the file on its way to a site, with the boot server of the site. */
export interface PhsSite extends PhsCluster {
  readonly name: string;
  readonly url: string | undefined;
  readonly media: string | undefined;
  /** The site to which machines of others are redirected. */
  readonly next: { readonly name: string | undefined; readonly url: string | undefined } | undefined;
  /** Whether it has the port of phs, or one that replaces it. */
  readonly isFirst: boolean;
  readonly release: Version;
  /** Whether no file contains the release, so that it is only the one whose rules apply. */
  readonly isOpen: boolean;
  readonly machines: readonly Machine[];
  readonly findings: Findings;
}

/** A machine, with the configuration in the keys of its release that has the rest of its values. */
export interface Machine extends PhsNode {
  readonly creates: boolean;
  readonly name: Text | undefined;
  readonly serverUrl: Text | undefined;
}

/** Returns the NICs of the management interface in a configuration. */
export function nicsIn(config: ValueMap): ValueMap[] {
  const { interfaces: list } = mapIn(mapIn(config, 'install'), 'management_interface');
  return (Array.isArray(list) ? list : []).filter(isValueMap);
}

/** Returns a release with the leading v of its file names. */
function withV(text: string): string {
  return /^\d/.test(text) ? `v${text}` : text;
}

/**
 * Returns the release of a cluster: the requested one, otherwise that of the file or of its media. For a release that is not
 * supported, returns the newest one.
 */
export function releaseFor(
  { nodes }: PhsCluster,
  requested: Version | undefined,
  findings: Findings,
): Pick<PhsSite, 'release' | 'isOpen'> {
  const { notes } = findings;
  const texts = nodes.flatMap(({ version }) => version ?? []);
  const images = nodes.flatMap(({ config }) => textAt(mapIn(config, 'install'), 'iso_url') ?? []);
  const invalid = 'This is not a release of Harvester: phs derives a URL from it that does not exist.';
  const todo = 'write a release such as v1.6.1, or remove it and add --harvester-version';
  const booted = texts.flatMap(({ value, at }) => {
    const version = parseVersion(withV(value));
    return version
      ? [{ ...version, version, at }]
      : (findings.warning('phs-version', at, invalid, todo) ?? []);
  });
  const ofMedia = images.flatMap(({ value, at }) => {
    const { version } = mediumOf(value) ?? {};
    return version ? [{ ...version, version, at }] : [];
  });
  const named = booted.length > 0 ? booted : ofMedia;
  const [first] = named;
  const other = named.find(({ text }) => text !== first?.text);
  const message = `The machines of one cluster boot ${first?.text} and ${other?.text}: a cluster must have one release.`;
  const help = 'install all machines with one release, and upgrade a running cluster from its dashboard';
  if (other) findings.warning('phs-version', other.at, message, help, ['the other is at', first?.at]);
  const isKnown = (version: Version) => isAtLeast(version, OLDEST_RELEASE);
  const [newest] = named.filter(isKnown).sort((a, b) => (isAtLeast(a, b.text) ? -1 : 1));
  const release = requested ?? newest?.version ?? (parseVersion(NEWEST_RELEASE) as Version);
  const { text } = release;
  const standing = standingOf(release);
  const like = typeof standing === 'object' ? standing.newerThan : NEWEST_RELEASE;
  const unknown =
    `${text} is newer than ${like}, the newest release that harvgen supports: it is treated like that one. ` +
    'Check that the release exists, and look for a newer harvgen';
  if (standing !== 'known') notes.open('harvester.version', unknown);
  const old = `is older than ${OLDEST_RELEASE}, the oldest release that harvgen supports: it becomes ${text}`;
  for (const { version, at } of named) {
    const why = requested
      ? `becomes ${text}, as set by --harvester-version`
      : isKnown(version)
        ? `becomes ${text}, like the others of its cluster`
        : `${old}${text === NEWEST_RELEASE ? ', the newest' : ''}; add --harvester-version for another`;
    if (version.text !== text) notes.changed('version', `${version.text} ${why}`, at);
  }
  return { release, isOpen: !requested && !first };
}

/** Returns the machine of an entry of `maclist`, for a release. Adds notes on changes. */
export function machineOf(
  node: PhsNode,
  { release, isOpen }: Pick<PhsSite, 'release' | 'isOpen'>,
  findings: Findings,
): Machine {
  const { notes } = findings;
  const mode = modeOf(node, findings);
  const creates = mode?.value === 'create';
  const config = modernConfig(node.config, {
    release: isOpen ? undefined : release,
    mode: creates ? 'create' : 'join',
    notes,
  });
  const { install = {} } = config;
  if (mode && isValueMap(install) && !install.mode) setIn(config, ['install', 'mode'], mode.value, mode.at);
  const layout = takeText(config, 'scheme_version');
  const why = 'every release that harvgen supports reads layout 1';
  if (layout && layout.value !== '1') notes.changed('scheme_version', why, layout.at);
  const hostname = takeText(mapIn(config, 'os'), 'hostname');
  const hasDots = isAtLeast(release, FIRST_RELEASE_WITH_FQDN);
  // Several machines can merge one host name.
  const name = hostname && {
    value: hostname.value.replaceAll('.', hasDots ? '.' : '-'),
    at: node.macText.at,
  };
  if (hostname && name?.value !== hostname.value)
    notes.changed('os.hostname', `${release.text} accepts no dots: it is now ${name?.value}`, hostname.at);
  const { interface: nic } = node;
  const help = 'write its name in the installed system, such as eno1';
  if (nic && !NIC_NAME.test(nic.value))
    findings.error('phs-value', nic.at, 'This is not a valid name of a NIC.', help);
  return { ...node, config, creates, name, serverUrl: takeText(config, 'server_url') };
}

const MODES = ['create', 'join'];

/** Returns the mode: `install.mode`, which the installer uses; `type` is only for readers. */
function modeOf({ config, type, at }: PhsNode, findings: Findings): Text | undefined {
  const mode = textAt(mapIn(config, 'install'), 'mode');
  const isType = type && MODES.includes(type.value);
  if (mode && MODES.includes(mode.value) && type && mode.value !== type.value) {
    const message = `The type of this machine differs from its install.mode, ${mode.value}: the installer uses install.mode.`;
    const help = isType
      ? `write type: ${mode.value}, or merge the configuration of a ${type.value} node`
      : `did you mean type: ${nearest(type.value, MODES) ?? mode.value}?`;
    findings.warning('phs-mode', type.at, message, help, ['the mode is set at', mode.at]);
  }
  const message = 'This machine has no install.mode and no type: the installer stops.';
  const help = 'add install: {mode: join} to its config';
  if (!mode && !isType) findings.error('phs-value', type?.at ?? at, message, help);
  return mode ?? type;
}

/** The network settings of the installed node, with the keys of those of its installer. */
const ADDRESS = [
  ['ip', 'ipaddress', 'IP address'],
  ['subnet_mask', 'netmask', 'netmask'],
  ['gateway', 'gateway', 'gateway'],
] as const;

/** Returns a machine with its network settings: static ones of the configuration, otherwise those of its installer. */
export function withAddress(machine: Machine, findings: Findings): Machine {
  const { notes } = findings;
  const management = mapIn(mapIn(machine.config, 'install'), 'management_interface');
  const method = takeText(management, 'method');
  const isStatic = !method || method.value === 'static';
  const why =
    method?.value === 'dhcp'
      ? 'DHCP can lease the node another IP address than ipaddress, which its installer uses: it is now static and keeps ' +
        'that one. For a DHCP server with reservations, set dhcp: { server: external } in networks.mgmt'
      : 'not dhcp or static: the IP address is static, like that of the installer';
  if (!isStatic) notes.changed('method', why, method.at);
  const settings = ADDRESS.map(([key, field, what]) => {
    const [installed, booted] = [takeText(management, key), machine[field]];
    const isLost = 'it applies only with the method static';
    const message = `The ${what} of the installed node differs from that of its installer: the site uses it for both.`;
    const related = ["the installer's is at", booted?.at] as const;
    if (installed && !isStatic) notes.left(`management_interface.${key}`, isLost, installed.at);
    else if (installed && booted && installed.value !== booted.value)
      findings.warning('phs-network', installed.at, message, 'set both to the same value', related);
    return [field, (isStatic && installed) || booted];
  });
  checkNics(machine, findings);
  return { ...machine, ...Object.fromEntries(settings) };
}

/** Warns if the machine boots from a NIC that is not in its management bond. */
function checkNics({ interface: booted, config }: Machine, findings: Findings): void {
  const nics = nicsIn(config);
  const [first] = nics;
  const isNic = (nic: ValueMap) => nic.hwAddr !== undefined || textAt(nic, 'name')?.value === booted?.value;
  if (!booted || !first || nics.some(isNic)) return;
  const message = `The machine boots from ${booted.value}, but the installed node has its IP address on ${nics.map((nic) => textAt(nic, 'name')?.value).join(' and ')}.`;
  const help = 'set the same NIC in both; the site contains all of them';
  const related = ['the other is named at', textAt(first, 'name')?.at] as const;
  findings.warning('phs-interface', booted.at, message, help, related);
}

/** Returns the network of a cluster's machines, with the netmask and gateway of the first; reports values that are not in it. */
export function networkOf({ machines, findings }: PhsSite): GatheredNetwork | undefined {
  const error = findings.error.bind(findings, 'phs-address');
  const isAddress = (text: Text | undefined) => {
    const help = 'write four numbers from 0 to 255 with dots, without leading zeros, such as 192.168.178.41';
    if (!text || ipv4Number(text.value) !== undefined) return true;
    return error(text.at, 'This is not an IPv4 address.', help);
  };
  const valid = machines.filter(({ ipaddress, gateway, netmask, at }) => {
    const isMask = !netmask || subnetOf(netmask.value, netmask.value);
    const forms = 'write one from 255.0.0.0 to 255.255.255.252';
    if (!ipaddress)
      error(at, 'The machine has no ipaddress.', 'add ipaddress, with its permanent IP address');
    if (netmask && !isMask) error(netmask.at, 'This is not a valid netmask.', forms);
    return [isAddress(ipaddress), isAddress(gateway), ipaddress, isMask].every(Boolean);
  });
  const { ipaddress: ip, netmask } = valid.find((machine) => machine.netmask) ?? {};
  const subnet = ip && netmask && subnetOf(ip.value, netmask.value);
  const unknown = 'No machine of the cluster has a netmask: its subnet is unknown.';
  if (machines[0] && !subnet && !findings.report.failed)
    error(machines[0].at, unknown, 'add netmask, such as 255.255.255.0');
  if (!subnet) return undefined;
  for (const { ipaddress: { value, at } = ip } of valid) {
    const message = contains(subnet, value)
      ? `This is not a host address of ${subnet.text}: no machine can use it.`
      : `The machine is not in ${subnet.text}, the subnet of its cluster: it cannot take over the VIP.`;
    const related = ['the network is derived from', netmask.at] as const;
    if (!isHostAddress(subnet, value)) error(at, message, 'correct the IP address or the netmask', related);
  }
  const [gateway] = ['gateway', 'netmask'].map((key) => sharedText(valid, key as 'gateway', findings));
  const message = `The gateway is not a host address of ${subnet.text}: no machine there can reach it.`;
  const related = ['the netmask is at', netmask.at] as const;
  if (gateway && !isHostAddress(subnet, gateway.value))
    error(gateway.at, message, 'correct the gateway or the netmask', related);
  return { at: netmask.at, subnet: { value: subnet.text, at: netmask.at }, gateway };
}

/** Returns the first netmask or gateway, and reports others. */
function sharedText(machines: readonly Machine[], key: 'netmask' | 'gateway', findings: Findings) {
  const [first, ...others] = machines.flatMap((machine) => machine[key] ?? []);
  const message = `The ${key} differs from that of the other machines, ${first?.value}: the site uses ${first?.value} for all.`;
  const help = `set the same ${key} for all machines`;
  for (const { value, at } of others)
    if (value !== first?.value)
      findings.warning('phs-network', at, message, help, [`the other ${key} is at`, first?.at]);
  return first;
}

/** Reports an IP address of two machines of one cluster; other clusters can use the same network elsewhere. */
export function reportSharedAddresses({ machines, findings }: PhsSite): void {
  const byIp = new Map<string, Text>();
  for (const { ipaddress: ip } of machines) {
    const other = ip && byIp.get(ip.value);
    if (ip && !other) byIp.set(ip.value, ip);
    const message = `Two machines have the IP address ${ip?.value}.`;
    const help = 'set another IP address for one of them';
    if (other) findings.error('phs-address', ip.at, message, help, ['the first is at', other.at]);
  }
}

/** Returns the VIP: of the create node, otherwise as one would merge it, otherwise the join host. */
export function vipOf({ machines, blocks, release, findings }: PhsSite): GatheredVip | undefined {
  const creating = machines.find(({ creates }) => creates);
  // Notes on configurations that no machine merges are not needed.
  const how = { release, mode: 'create', notes: new Notes() } as const;
  const planned = blocks.flatMap(({ config_create: config }) => (config ? [modernConfig(config, how)] : []));
  const installs = (creating ? [creating.config] : planned).map((config) => mapIn(config, 'install'));
  const install = installs.find(({ vip }) => vip) ?? {};
  const [configured, mode, mac] = ['vip', 'vip_mode', 'vip_hw_addr'].map((key) => textAt(install, key));
  const ip = configured ?? joinHostOf(machines);
  const why = `no create node sets a VIP: it is now ${ip?.value}, where the others join`;
  if (ip && ip !== configured) findings.notes.changed('server_url', why, ip.at);
  if (ip) return { at: ip.at, name: 'vip', ip, mac: mode?.value === 'dhcp' ? mac : undefined };
  const message = 'The cluster has no VIP: Harvester cannot be installed without one.';
  const help =
    mode?.value === 'dhcp'
      ? 'add install.vip, with the IP address that the DHCP server reserves for vipHwAddr'
      : creating
        ? 'add install.vip to the configuration of the create node: a free IP address of its network'
        : 'set server_url of the machines to the VIP of the running cluster, such as https://192.168.178.40:443';
  const first = creating ?? machines[0];
  return first && findings.error('phs-vip', first.at, message, help);
}

/** Returns the host that the machines join, if it is an IP address that is not one of theirs. */
function joinHostOf(machines: readonly Machine[]): Text | undefined {
  const known = new Set(machines.map(({ ipaddress }) => ipaddress?.value));
  const hosts = machines.flatMap(({ serverUrl: url }) =>
    url ? { ...url, value: joinUrlOf(url)?.host ?? '' } : [],
  );
  return hosts.find(({ value }) => ipv4Number(value) !== undefined && !known.has(value));
}

/** Reports a VIP that is not free or not in the network, and machines that join elsewhere. */
export function checkVip(
  vip: Text,
  network: GatheredNetwork | undefined,
  { machines, findings }: PhsSite,
): void {
  const subnet = network && parseCidr(network.subnet.value);
  const owner = machines.find(({ ipaddress }) => ipaddress?.value === vip.value)?.ipaddress;
  const isIn = !subnet || isHostAddress(subnet, vip.value);
  const message = owner
    ? 'The VIP is also the IP address of a node.'
    : ipv4Number(vip.value) === undefined
      ? 'The VIP is not an IPv4 address.'
      : `The VIP is not a host address of ${subnet?.text}, the network of its nodes.`;
  if (owner || !isIn)
    findings.error('phs-vip', vip.at, message, 'choose a free IP address', ['it is used at', owner?.at]);
  for (const { serverUrl: url } of machines) {
    const { host, port = '443' } = joinUrlOf(url) ?? {};
    if (!url || (host === vip.value && port === '443')) continue;
    const related = ['the VIP is set at', vip.at] as const;
    const noUrl = 'This is not the URL of a cluster: a node cannot join there.';
    const todo = `set server_url to https://${vip.value}:443, as in the site`;
    const other = `Nodes join at ${host}, but the VIP of their cluster is ${vip.value}: they can join only while that node is up.`;
    const help = `join at the VIP, as in the site; or correct install.vip if ${host} is the VIP`;
    if (host === undefined) findings.warning('phs-join', url.at, noUrl, todo, related);
    else if (host !== vip.value && ipv4Number(host) !== undefined)
      findings.warning('phs-join', url.at, other, help, related);
    // Source of the port: `checkServerUrl` of harvester-installer, pkg/console.
    const why = `nodes join at https://${vip.value}:443: the VIP, and the only port that the installer accepts`;
    if (host !== undefined) findings.notes.changed('server_url', why, url.at);
  }
}

/** Reports several create nodes of a cluster, and nodes with another token. */
export function checkCluster({ machines, label, findings }: PhsSite): void {
  const called = label ? `the cluster ${label.value}` : 'a cluster';
  const [first, second] = machines.filter(({ creates }) => creates);
  const twice = `Two machines of ${called} are installed in mode create: they create two clusters with one VIP.`;
  const related = [
    ['the first is at', first?.macText.at],
    ['the mode of this one is set at', second && locationOf(mapIn(second.config, 'install'), 'mode')],
  ] as const;
  if (second)
    findings.warning('phs-cluster', second.macText.at, twice, 'set mode: join for one of them', ...related);
  const tokens = machines.flatMap(({ config }) => textAt(config, 'token') ?? []);
  const token = (first && textAt(first.config, 'token')) ?? tokens[0];
  const message = `The token of this machine is not that of ${called}: the machine cannot join.`;
  const help = 'set the same token for all machines, as in the site';
  for (const { value, at } of tokens)
    if (value !== token?.value)
      findings.warning('phs-cluster', at, message, help, ['the token of the cluster is at', token?.at]);
}

/**
 * Removes a list from the configurations and returns it for the network, if all configurations with the list agree. Removes
 * duplicate entries. Machines without the list get it too.
 */
export function takeServers(key: string, { machines, findings: { notes } }: PhsSite): Sourced<string>[] {
  const lists = machines.flatMap(({ config }) => {
    const os = mapIn(config, 'os');
    const list = os[key];
    if (!Array.isArray(list)) return [];
    const distinct = new Set(list as string[]);
    const at = locationOf(os, key);
    const why = `duplicate entries are removed: ${[...distinct].join(', ')}`;
    if (distinct.size < list.length) notes.changed(`os.${key}`, why, at);
    list.splice(0, list.length, ...distinct);
    return [{ servers: [...distinct], at }];
  });
  const [first, ...others] = lists;
  if (!first || others.some(({ servers }) => `${servers}` !== `${first.servers}`)) return [];
  for (const { config, macText } of machines)
    if (mapIn(config, 'os')[key] !== undefined) delete mapIn(config, 'os')[key];
    else notes.changed(macText.value, `it has no os.${key}: it gets those of the others`, macText.at);
  return first.servers.map((value) => ({ value, at: first.at }));
}

/** Removes the URL of an ISO that is derived from that of the media, and returns any other one, with the release. */
export function takeIso(
  { config, version: kernel }: Machine,
  { media, release, isOpen, findings }: PhsSite,
): Text | undefined {
  const iso = takeText(mapIn(config, 'install'), 'iso_url');
  if (!iso) return undefined;
  const version = isoFile(iso.value).of?.version;
  const booted = kernel && withV(kernel.value);
  const message = `The ISO is of ${version}, but the machine boots the kernel of ${booted}: the site uses ${release.text} for both.`;
  const related = ['the release of the kernel is at', kernel?.at] as const;
  if (version && booted && parseVersion(booted) && booted !== version)
    findings.warning('phs-iso', iso.at, message, 'use one release for both', related);
  const urlOf = (text: string) => `${media}/${text}/${harvesterMedia(text, 'amd64').iso}`;
  if (version && iso.value === urlOf(version)) {
    const why = `harvgen derives it from server.media and the release: ${urlOf(release.text)}`;
    return version === release.text ? undefined : findings.notes.changed('iso_url', why, iso.at);
  }
  const value = version ? iso.value.replaceAll(version, release.text) : iso.value;
  const derived = 'or remove iso_url, so that harvgen derives it from server.media';
  const todo = version
    ? `it is not with the other media: provide ${value}, ${derived}`
    : `its name does not contain the release: provide ${isOpen ? 'the release of the site' : release.text} there`;
  if (value === iso.value) findings.notes.open('iso_url', todo, iso.at);
  else findings.notes.changed('iso_url', todo, iso.at);
  return { ...iso, value };
}
