import { isoFile } from '../../knowledge/config-values.ts';
import { FIRST_RELEASE_WITH_FQDN, harvesterMedia } from '../../knowledge/harvester.ts';
import { isValueMap, locationOf, type ValueMap } from '../../source/origin.ts';
import { type Cidr, contains, ipv4Number, isHostAddress } from '../../values/addresses.ts';
import { NIC_NAME } from '../../values/identifiers.ts';
import { nearest } from '../../values/text.ts';
import { isAtLeast, parseVersion, type Version } from '../../values/version.ts';
import { modernConfig } from '../joined/modern-config.ts';
import { joinUrlOf, type Text, takeText, textAt } from '../model/config-values.ts';
import type { GatheredVip, Sourced } from '../model/gathered.ts';
import { type Findings, Notes } from '../model/notes.ts';
import { setIn } from '../model/set-in.ts';
import { subnetOf } from '../model/subnets.ts';
import type { PhsCluster } from './clusters.ts';
import type { PhsNode } from './file.ts';
import { withV } from './server.ts';

/** A machine, with the configuration in the keys of its release that has the rest of its values. */
export interface Machine extends PhsNode {
  readonly creates: boolean;
  readonly name: Text | undefined;
  readonly serverUrl: Text | undefined;
}

/** Returns the map `install` of a configuration; empty if it has none. */
export function installOf({ install }: ValueMap): ValueMap {
  return isValueMap(install) ? install : {};
}

/** Returns the machine of an entry of `maclist`, for a release. Adds notes on changes. */
export function machineOf(node: PhsNode, release: Version, findings: Findings): Machine {
  const { notes } = findings;
  const mode = modeOf(node, findings);
  const creates = mode?.value === 'create';
  const config = modernConfig(node.config, { release, mode: creates ? 'create' : 'join', notes });
  const { os, install = {} } = config;
  if (mode && isValueMap(install) && !install.mode) setIn(config, ['install', 'mode'], mode.value, mode.at);
  const layout = takeText(config, 'scheme_version');
  const why = 'every release that harvgen supports reads layout 1';
  if (layout && layout.value !== '1') notes.changed('scheme_version', why, layout.at);
  const hostname = takeText(isValueMap(os) ? os : undefined, 'hostname');
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
  const mode = textAt(installOf(config), 'mode');
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
  const { management_interface: management } = installOf(machine.config);
  if (!isValueMap(management)) return machine;
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
  checkNics(machine, management, findings);
  return { ...machine, ...Object.fromEntries(settings) };
}

/** Drops the NICs of the management bond if the machine boots from another one, with a warning. */
function checkNics({ interface: booted }: Machine, management: ValueMap, findings: Findings): void {
  const { interfaces: list } = management;
  const nics = (Array.isArray(list) ? list : []).filter(isValueMap);
  const [first] = nics;
  const isNic = (nic: ValueMap) => nic.hwAddr !== undefined || textAt(nic, 'name')?.value === booted?.value;
  if (!booted || !first || nics.some(isNic)) return;
  const message = `The machine boots from ${booted.value}, but the installed node has its IP address on another NIC, which phs does not know.`;
  const help = 'set the same NIC in both; the site contains the one that the machine boots from';
  findings.warning('phs-interface', booted.at, message, help, [
    'the other is named at',
    textAt(first, 'name')?.at,
  ]);
  delete management.interfaces;
}

/** The network of a cluster. */
export interface PhsNetwork {
  readonly subnet: Cidr;
  readonly netmask: Text;
  readonly gateway: Text | undefined;
}

/** Returns the network of a cluster's machines, with the netmask and gateway of the first; reports values that are not in it. */
export function networkOf(machines: readonly Machine[], findings: Findings): PhsNetwork | undefined {
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
  return { subnet, netmask, gateway };
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
export function reportSharedAddresses(machines: readonly PhsNode[], findings: Findings): void {
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
export function vipOf(
  machines: readonly Machine[],
  { blocks }: PhsCluster,
  release: Version,
  findings: Findings,
): (GatheredVip & { readonly ip: Text }) | undefined {
  const creating = machines.find(({ creates }) => creates);
  // Notes on configurations that no machine merges are not needed.
  const how = { release, mode: 'create', notes: new Notes() } as const;
  const planned = blocks.flatMap(({ config_create: config }) => (config ? modernConfig(config, how) : []));
  const configs = creating ? [creating.config] : (planned as ValueMap[]);
  const install = configs.map(installOf).find(({ vip }) => vip) ?? {};
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
  machines: readonly Machine[],
  subnet: Cidr | undefined,
  findings: Findings,
): void {
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
export function checkCluster(machines: readonly Machine[], label: string, findings: Findings): void {
  const [first, second] = machines.filter(({ creates }) => creates);
  const twice = `Two machines of ${label} are installed in mode create: they create two clusters with one VIP.`;
  const related = [
    ['the first is at', first?.macText.at],
    ['the mode of this one is set at', second && locationOf(installOf(second.config), 'mode')],
  ] as const;
  if (second)
    findings.warning('phs-cluster', second.macText.at, twice, 'set mode: join for one of them', ...related);
  const tokens = machines.flatMap(({ config }) => textAt(config, 'token') ?? []);
  const token = (first && textAt(first.config, 'token')) ?? tokens[0];
  const message = `The token of this machine is not that of ${label}: the machine cannot join.`;
  const help = 'set the same token for all machines, as in the site';
  for (const { value, at } of tokens)
    if (value !== token?.value)
      findings.warning('phs-cluster', at, message, help, ['the token of the cluster is at', token?.at]);
}

/**
 * Removes a list from the configurations and returns it for the network, if all configurations with the list agree. Removes
 * duplicate entries. Machines without the list get it too.
 */
export function takeServers(machines: readonly Machine[], key: string, notes: Notes): Sourced<string>[] {
  const lists = machines.flatMap(({ config: { os } }) => {
    const list = isValueMap(os) ? os[key] : undefined;
    if (!isValueMap(os) || !Array.isArray(list)) return [];
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
    if (isValueMap(config.os) && config.os[key] !== undefined) delete config.os[key];
    else notes.changed(macText.value, `it has no os.${key}: it gets those of the others`, macText.at);
  return first.servers.map((value) => ({ value, at: first.at }));
}

/** Removes the URL of an ISO that is derived from that of the media, and returns any other one, with the release. */
export function takeIso(
  { config, version: kernel }: Machine,
  media: string | undefined,
  { text: release }: Version,
  findings: Findings,
): Text | undefined {
  const iso = takeText(installOf(config), 'iso_url');
  if (!iso) return undefined;
  const version = isoFile(iso.value).of?.version;
  const booted = kernel && withV(kernel.value);
  const message = `The ISO is of ${version}, but the machine boots the kernel of ${booted}: the site uses ${release} for both.`;
  const related = ['the release of the kernel is at', kernel?.at] as const;
  if (version && booted && parseVersion(booted) && booted !== version)
    findings.warning('phs-iso', iso.at, message, 'use one release for both', related);
  const urlOf = (text: string) => `${media}/${text}/${harvesterMedia(text, 'amd64').iso}`;
  if (version && iso.value === urlOf(version)) {
    const why = `harvgen derives it from server.media and the release: ${urlOf(release)}`;
    return version === release ? undefined : findings.notes.changed('iso_url', why, iso.at);
  }
  const value = version ? iso.value.replaceAll(version, release) : iso.value;
  const derived = 'or remove iso_url, so that harvgen derives it from server.media';
  const todo = version
    ? `it is not with the other media: provide ${value}, ${derived}`
    : `its name does not contain the release: provide ${release} there`;
  if (value === iso.value) findings.notes.open('iso_url', todo, iso.at);
  else findings.notes.changed('iso_url', todo, iso.at);
  return { ...iso, value };
}
