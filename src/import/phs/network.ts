import { isValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { type Cidr, contains, type Ipv4, ipv4Number, isHostAddress } from '../../values/addresses.ts';
import { parseMac } from '../../values/identifiers.ts';
import type { Version } from '../../values/version.ts';
import { modernConfig } from '../joined/modern-config.ts';
import { joinUrlOf, type Text, textAt } from '../model/config-values.ts';
import { type Findings, Notes } from '../model/notes.ts';
import { subnetAround, subnetOf } from '../model/subnets.ts';
import type { PhsCluster } from './clusters.ts';
import type { PhsNode } from './file.ts';
import type { Machine } from './machine.ts';

/** The network settings of a machine in the file. */
type Addressed = Pick<PhsNode, 'at' | 'ip' | 'netmask' | 'gateway'>;

/** The network of a cluster, with its source locations. */
export interface PhsNetwork {
  readonly subnet: Cidr;
  /** The locations of the netmasks that the subnet is derived from. */
  readonly from: readonly SourceLocation[];
  readonly gateway?: Ipv4 | undefined;
  readonly gatewayFrom: readonly SourceLocation[];
}

/** Returns the common network of a cluster's machines, that of the first; reports invalid values and values outside of it. */
export function networkOf(machines: readonly Addressed[], findings: Findings): PhsNetwork | undefined {
  const valid = machines.flatMap((machine) => withPrefix(machine, findings) ?? []);
  const lead = valid.find(({ prefix }) => prefix !== undefined);
  const [first] = machines;
  if (!lead && first && !findings.report.failed)
    findings.error(
      'phs-address',
      first.at,
      'No machine of the cluster has a netmask: its subnet is unknown.',
      'add netmask, such as 255.255.255.0',
    );
  const subnet = lead && subnetAround(lead.ip.value, lead.prefix ?? 0);
  if (!subnet) return undefined;
  for (const { ip, netmask, prefix } of valid) {
    const origin = ['the network is derived from', (lead.netmask ?? lead.ip).at] as const;
    if (!isHostAddress(subnet, ip.value)) {
      const message = contains(subnet, ip.value)
        ? `This is not a host address of ${subnet.text}: no machine can use it.`
        : `The machine is not in ${subnet.text}, the subnet of its cluster: it cannot take over the VIP.`;
      findings.error('phs-address', ip.at, message, 'correct the IP address or the netmask', origin);
    } else if (netmask && prefix !== subnet.prefix)
      findings.warning(
        'phs-network',
        netmask.at,
        `The netmask differs from that of the other machines, ${subnet.mask}: the site uses ${subnet.text} for all.`,
        'set the same netmask for all machines',
        origin,
      );
  }
  const gateways = valid.flatMap(({ gateway }) => gateway ?? []);
  const [gateway] = gateways;
  for (const other of gateways)
    if (gateway && other.value !== gateway.value)
      findings.warning(
        'phs-network',
        other.at,
        `The gateway differs from that of the other machines, ${gateway.value}: the site uses ${gateway.value} for all.`,
        'set the same gateway for all machines',
        ['the other gateway is at', gateway.at],
      );
  if (gateway && !isHostAddress(subnet, gateway.value))
    findings.error(
      'phs-address',
      gateway.at,
      `The gateway is not a host address of ${subnet.text}: no machine there can reach it.`,
      'correct the gateway or the netmask',
      ['the netmask is at', lead.netmask?.at],
    );
  return {
    subnet,
    from: valid.flatMap(({ netmask }) => netmask?.at ?? []),
    gateway: gateway?.value,
    gatewayFrom: gateways.filter(({ value }) => value === gateway?.value).map(({ at }) => at),
  };
}

/** Returns a machine with its prefix length; reports an error and returns undefined if an IP address is missing or invalid. */
function withPrefix(machine: Addressed, findings: Findings) {
  const { ip, netmask, gateway } = machine;
  const error = (at: SourceLocation, message: string, help: string) =>
    findings.error('phs-address', at, message, help);
  if (!ip) error(machine.at, 'The machine has no ipaddress.', 'add ipaddress, with its permanent IP address');
  const invalid = [ip, gateway].filter((text) => text && ipv4Number(text.value) === undefined);
  const help = 'write four numbers from 0 to 255 with dots, without leading zeros, such as 192.168.178.41';
  for (const text of invalid) error((text as Text).at, 'This is not an IPv4 address.', help);
  const prefix = netmask && subnetOf(netmask.value, netmask.value)?.prefix;
  const isMask = !netmask || prefix !== undefined;
  if (!isMask)
    error(netmask.at, 'This is not a valid netmask.', 'write one from 255.0.0.0 to 255.255.255.252');
  return ip && isMask && invalid.length === 0 ? { ...machine, ip, prefix } : undefined;
}

/** Reports an IP address of two machines of one cluster; other clusters can use the same network elsewhere. */
export function reportSharedAddresses(machines: readonly Pick<Addressed, 'ip'>[], findings: Findings): void {
  const byIp = new Map<string, Text>();
  for (const { ip } of machines) {
    const other = ip && byIp.get(ip.value);
    if (ip && !other) byIp.set(ip.value, ip);
    if (other)
      findings.error(
        'phs-address',
        ip.at,
        `Two machines have the IP address ${ip.value}.`,
        'set another IP address for one of them',
        ['the first is at', other.at],
      );
  }
}

/** The port at which nodes join a cluster. Source: `checkServerUrl` of harvester-installer, pkg/console. */
const PORT = '443';

/** The settings of a VIP. */
export type VipInput = Pick<Machine, 'vip' | 'vipMode' | 'vipHwAddr'>;

/** Whether the machines join a cluster that exists: none of them creates it. */
export function exists(machines: readonly Pick<Machine, 'mode'>[]): boolean {
  return !machines.some(({ mode }) => mode === 'create');
}

/** Returns the VIP settings that a create node would merge, for a cluster without such a node. */
export function plannedVip(
  { blocks }: PhsCluster,
  machines: readonly Machine[],
  release: Version,
): VipInput | undefined {
  if (!exists(machines)) return undefined;
  for (const { create } of blocks) {
    // Notes on the rest of the configuration are not needed.
    const install = create && modernConfig(create, { release, mode: 'create', notes: new Notes() }).install;
    if (!isValueMap(install)) continue;
    const vip = textAt(install, 'vip');
    if (vip) return { vip, vipMode: textAt(install, 'vip_mode'), vipHwAddr: textAt(install, 'vip_hw_addr') };
  }
  return undefined;
}

/** Returns the VIP: of the create node, otherwise as one would merge it, otherwise the join host. Reports an invalid one. */
export function vipOf(
  machines: readonly Machine[],
  planned: VipInput | undefined,
  network: PhsNetwork | undefined,
  findings: Findings,
): Text | undefined {
  const creates = machines.find(({ mode }) => mode === 'create');
  const configured = creates?.vip ?? planned?.vip;
  const vip = configured ?? joinHostOf(machines);
  if (!vip) {
    const [first] = machines;
    const help =
      creates?.vipMode?.value === 'dhcp'
        ? 'add install.vip, with the IP address that the DHCP server reserves for vipHwAddr'
        : creates
          ? 'add install.vip to the configuration of the create node: a free IP address of its network'
          : 'set server_url of the machines to the VIP of the running cluster, such as https://192.168.178.40:443';
    const message = 'The cluster has no VIP: Harvester cannot be installed without one.';
    if (first) findings.error('phs-vip', creates?.at ?? first.at, message, help);
    return undefined;
  }
  const why = `no create node sets a VIP: it is now ${vip.value}, where the others join`;
  if (vip !== configured) findings.notes.changed('server_url', why, vip.at);
  checkVip(vip, machines, network, findings);
  for (const { serverUrl } of machines) if (serverUrl) checkServerUrl(serverUrl, vip, findings);
  return vip;
}

/** Returns the host that the machines join, if it is an IP address that is not one of theirs. */
function joinHostOf(machines: readonly Machine[]): Text | undefined {
  for (const { serverUrl } of machines) {
    const { host } = joinUrlOf(serverUrl) ?? {};
    if (serverUrl && host && ipv4Number(host) !== undefined && !machines.some(({ ip }) => ip?.value === host))
      return { value: host, at: serverUrl.at };
  }
  return undefined;
}

function checkVip(
  vip: Text,
  machines: readonly Machine[],
  network: PhsNetwork | undefined,
  findings: Findings,
): void {
  const refuse = (message: string, help: string, other?: Text) =>
    findings.error('phs-vip', vip.at, message, help, ['it is used at', other?.at]);
  const owner = machines.find(({ ip }) => ip?.value === vip.value);
  if (ipv4Number(vip.value) === undefined) refuse('The VIP is not an IPv4 address.', 'write an IPv4 address');
  else if (owner) refuse('The VIP is also the IP address of a node.', 'choose a free IP address', owner.ip);
  else if (network && !isHostAddress(network.subnet, vip.value))
    refuse(
      `The VIP is not a host address of ${network.subnet.text}, the network of its nodes.`,
      'choose a free IP address',
    );
}

function checkServerUrl(serverUrl: Text, vip: Text, findings: Findings): void {
  const { host, port = PORT } = joinUrlOf(serverUrl) ?? {};
  const warn = (message: string, help: string) =>
    findings.warning('phs-join', serverUrl.at, message, help, ['the VIP is set at', vip.at]);
  if (host === undefined) {
    warn(
      'This is not the URL of a cluster: a node cannot join there.',
      `set server_url to https://${vip.value}:${PORT}, as in the site`,
    );
    return;
  }
  if (host !== vip.value && ipv4Number(host) !== undefined)
    warn(
      `Nodes join at ${host}, but the VIP of their cluster is ${vip.value}: they can join only while that node is up.`,
      `join at the VIP, as in the site; or correct install.vip if ${host} is the VIP`,
    );
  const why = `nodes join at https://${vip.value}:${PORT}: the VIP, and the only port that the installer accepts`;
  if (host !== vip.value || port !== PORT) findings.notes.changed('server_url', why, serverUrl.at);
}

/** Reports invalid VIP modes and MAC addresses. */
export function checkVipModes(vips: readonly VipInput[], findings: Findings): void {
  for (const { vipMode, vipHwAddr } of vips) {
    if (vipMode?.value === 'none')
      findings.notes.changed(
        'install.vip_mode',
        'none means that an external system, such as a load balancer, has the VIP, which a site does not support: it is now ' +
          'static, and the cluster itself has the VIP',
        vipMode.at,
      );
    else if (vipMode && vipMode.value !== 'static' && vipMode.value !== 'dhcp')
      findings.error(
        'phs-vip',
        vipMode.at,
        'The mode of a VIP must be static or dhcp.',
        'set install.vip_mode to static or dhcp',
      );
    if (vipMode?.value === 'dhcp' && vipHwAddr && !parseMac(vipHwAddr.value))
      findings.error(
        'phs-vip',
        vipHwAddr.at,
        'This is not a MAC address: no DHCP server can reserve an IP address for it.',
        'write it in lower case with colons: 52:54:00:12:34:56',
      );
  }
}

/** Reports a cluster with several create nodes, and nodes with another token. */
export function reportCluster(machines: readonly Machine[], label: string, findings: Findings): void {
  const [first, second] = machines.filter(({ mode }) => mode === 'create');
  if (first && second)
    findings.warning(
      'phs-cluster',
      second.macText.at,
      `Two machines of ${label} are installed in mode create: they create two clusters with one VIP.`,
      'set mode: join for one of them',
      ['the first is at', first.macText.at],
      ['the mode of this one is set at', second.modeFrom[0]],
    );
  const token = first?.token ?? machines.find((machine) => machine.token)?.token;
  for (const machine of machines)
    if (token && machine.token && machine.token.value !== token.value)
      findings.warning(
        'phs-cluster',
        machine.token.at,
        `The token of this machine is not that of ${label}: the machine cannot join.`,
        'set the same token for all machines, as in the site',
        ['the token of the cluster is at', token.at],
      );
}
