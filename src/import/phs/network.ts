import type { Report } from '../../source/diagnostics/report.ts';
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

interface Judged extends Addressed {
  readonly ip: Text;
  readonly prefix?: number | undefined;
}

/** Returns the common network of a cluster's machines, that of the first; reports invalid values and values outside of it. */
export function networkOf(machines: readonly Addressed[], report: Report): PhsNetwork | undefined {
  const right = machines.flatMap((machine) => validated(machine, report) ?? []);
  const lead = right.find(({ prefix }) => prefix !== undefined);
  const [first] = machines;
  if (!lead && first && !report.failed)
    report.error({
      code: 'phs-address',
      message: 'No machine of the cluster has a netmask: its subnet is unknown.',
      at: first.at,
      help: 'add netmask, such as 255.255.255.0',
    });
  const subnet = lead && subnetAround(lead.ip.value, lead.prefix ?? 0);
  if (!subnet) return undefined;
  for (const one of right) reportOutside(one, subnet, lead, report);
  const gateways = right.flatMap((one) => one.gateway ?? []);
  const [gateway] = gateways;
  for (const other of gateways)
    if (gateway && other.value !== gateway.value)
      report.warning({
        code: 'phs-network',
        message: `The gateway differs from that of the other machines, ${gateway.value}: the site uses ${gateway.value} for all.`,
        at: other.at,
        related: [{ message: 'the other gateway is at', at: gateway.at }],
        help: 'set the same gateway for all machines',
      });
  if (gateway && !isHostAddress(subnet, gateway.value))
    report.error({
      code: 'phs-address',
      message: `The gateway is not a host address of ${subnet.text}: no machine there can reach it.`,
      at: gateway.at,
      related: lead.netmask ? [{ message: 'the netmask is at', at: lead.netmask.at }] : [],
      help: 'correct the gateway or the netmask',
    });
  return {
    subnet,
    from: right.flatMap((one) => one.netmask?.at ?? []),
    gateway: gateway?.value,
    gatewayFrom: gateways.filter(({ value }) => value === gateway?.value).map(({ at }) => at),
  };
}

/** Returns a machine with its prefix length; reports an error and returns undefined if an IP address is missing or invalid. */
function validated(machine: Addressed, report: Report): Judged | undefined {
  const { ip, netmask, gateway } = machine;
  const error = (at: SourceLocation, message: string, help: string) =>
    report.error({ code: 'phs-address', message, at, help });
  if (!ip) error(machine.at, 'The machine has no ipaddress.', 'add ipaddress, with its permanent IP address');
  const wrong = [ip, gateway].flatMap((one) => (one && ipv4Number(one.value) === undefined ? one : []));
  for (const { at } of wrong)
    error(
      at,
      'This is not an IPv4 address.',
      'write four numbers from 0 to 255 with dots, without leading zeros, such as 192.168.178.41',
    );
  const prefix = netmask && subnetOf(netmask.value, netmask.value)?.prefix;
  const isMask = !netmask || prefix !== undefined;
  if (!isMask)
    error(netmask.at, 'This is not a valid netmask.', 'write one from 255.0.0.0 to 255.255.255.252');
  return ip && isMask && wrong.length === 0 ? { ...machine, ip, prefix } : undefined;
}

/** Reports an IP address outside of the network, and a different netmask. */
function reportOutside({ ip, netmask, prefix }: Judged, subnet: Cidr, lead: Judged, report: Report): void {
  const related = [{ message: 'the network is derived from', at: (lead.netmask ?? lead.ip).at }];
  if (!isHostAddress(subnet, ip.value))
    report.error({
      code: 'phs-address',
      message: contains(subnet, ip.value)
        ? `This is not a host address of ${subnet.text}: no machine can use it.`
        : `The machine is not in ${subnet.text}, the subnet of its cluster: it cannot take over the VIP.`,
      at: ip.at,
      related,
      help: 'correct the IP address or the netmask',
    });
  else if (netmask && prefix !== subnet.prefix)
    report.warning({
      code: 'phs-network',
      message: `The netmask differs from that of the other machines, ${subnet.mask}: the site uses ${subnet.text} for all.`,
      at: netmask.at,
      related,
      help: 'set the same netmask for all machines',
    });
}

/** Reports an IP address of two machines of one cluster; other clusters can use the same network elsewhere. */
export function reportSharedAddresses(machines: readonly Pick<Addressed, 'ip'>[], report: Report): void {
  const byIp = new Map<string, Text>();
  for (const { ip } of machines) {
    const other = ip && byIp.get(ip.value);
    if (ip && !other) byIp.set(ip.value, ip);
    if (other)
      report.error({
        code: 'phs-address',
        message: `Two machines have the IP address ${ip.value}.`,
        at: ip.at,
        related: [{ message: 'the first is at', at: other.at }],
        help: 'set another IP address for one of them',
      });
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
  { notes, report }: Findings,
): Text | undefined {
  const creates = machines.find(({ mode }) => mode === 'create');
  const configured = creates?.vip ?? planned?.vip;
  const vip = configured ?? joinedAt(machines);
  if (!vip) {
    const [first] = machines;
    if (first)
      report.error({
        code: 'phs-vip',
        message: 'The cluster has no VIP: Harvester cannot be installed without one.',
        at: creates?.at ?? first.at,
        help:
          creates?.vipMode?.value === 'dhcp'
            ? 'add install.vip, with the IP address that the DHCP server reserves for vipHwAddr'
            : creates
              ? 'add install.vip to the configuration of the create node: a free IP address of its network'
              : 'set server_url of the machines to the VIP of the running cluster, such as https://192.168.178.40:443',
      });
    return undefined;
  }
  const why = `no create node sets a VIP: it is now ${vip.value}, where the others join`;
  if (vip !== configured) notes.changed('server_url', why, vip.at);
  judge(vip, machines, network, report);
  for (const { serverUrl } of machines) if (serverUrl) compare(serverUrl, vip, { notes, report });
  return vip;
}

/** Returns the host that the machines join, if it is an IP address that is not one of theirs. */
function joinedAt(machines: readonly Machine[]): Text | undefined {
  for (const { serverUrl } of machines) {
    const { host } = joinUrlOf(serverUrl) ?? {};
    if (serverUrl && host && ipv4Number(host) !== undefined && !machines.some(({ ip }) => ip?.value === host))
      return { value: host, at: serverUrl.at };
  }
  return undefined;
}

function judge(
  vip: Text,
  machines: readonly Machine[],
  network: PhsNetwork | undefined,
  report: Report,
): void {
  const refuse = (message: string, help: string, other?: Text) =>
    report.error({
      code: 'phs-vip',
      message,
      at: vip.at,
      related: other ? [{ message: 'it is used at', at: other.at }] : [],
      help,
    });
  const owner = machines.find(({ ip }) => ip?.value === vip.value);
  if (ipv4Number(vip.value) === undefined) refuse('The VIP is not an IPv4 address.', 'write an IPv4 address');
  else if (owner) refuse('The VIP is also the IP address of a node.', 'choose a free IP address', owner.ip);
  else if (network && !isHostAddress(network.subnet, vip.value))
    refuse(
      `The VIP is not a host address of ${network.subnet.text}, the network of its nodes.`,
      'choose a free IP address',
    );
}

function compare(serverUrl: Text, vip: Text, { notes, report }: Findings): void {
  const { host, port = PORT } = joinUrlOf(serverUrl) ?? {};
  if (host === undefined) {
    report.warning({
      code: 'phs-join',
      message: 'This is not the URL of a cluster: a node cannot join there.',
      at: serverUrl.at,
      related: [{ message: 'the VIP is set at', at: vip.at }],
      help: `set server_url to https://${vip.value}:${PORT}, as in the site`,
    });
    return;
  }
  if (host !== vip.value && ipv4Number(host) !== undefined)
    report.warning({
      code: 'phs-join',
      message: `Nodes join at ${host}, but the VIP of their cluster is ${vip.value}: they can join only while that node is up.`,
      at: serverUrl.at,
      related: [{ message: 'the VIP is set at', at: vip.at }],
      help: `join at the VIP, as in the site; or correct install.vip if ${host} is the VIP`,
    });
  const why = `nodes join at https://${vip.value}:${PORT}: the VIP, and the only port that the installer accepts`;
  if (host !== vip.value || port !== PORT) notes.changed('server_url', why, serverUrl.at);
}

/** Reports invalid VIP modes and MAC addresses. */
export function judgeVipMode(vips: readonly VipInput[], { notes, report }: Findings): void {
  for (const { vipMode, vipHwAddr } of vips) {
    if (vipMode?.value === 'none')
      notes.changed(
        'install.vip_mode',
        'none means that an external system, such as a load balancer, has the VIP, which a site does not support: it is now ' +
          'static, and the cluster itself has the VIP',
        vipMode.at,
      );
    else if (vipMode && vipMode.value !== 'static' && vipMode.value !== 'dhcp')
      report.error({
        code: 'phs-vip',
        message: 'The mode of a VIP must be static or dhcp.',
        at: vipMode.at,
        help: 'set install.vip_mode to static or dhcp',
      });
    if (vipMode?.value === 'dhcp' && vipHwAddr && !parseMac(vipHwAddr.value))
      report.error({
        code: 'phs-vip',
        message: 'This is not a MAC address: no DHCP server can reserve an IP address for it.',
        at: vipHwAddr.at,
        help: 'write it in lower case with colons: 52:54:00:12:34:56',
      });
  }
}

/** Reports a cluster with several create nodes, and nodes with another token. */
export function reportCluster(machines: readonly Machine[], label: string, report: Report): void {
  const [first, second] = machines.filter(({ mode }) => mode === 'create');
  if (first && second)
    report.warning({
      code: 'phs-cluster',
      message: `Two machines of ${label} are installed in mode create: they create two clusters with one VIP.`,
      at: second.macText.at,
      related: [
        { message: 'the first is at', at: first.macText.at },
        ...second.modeFrom.map((at) => ({ message: 'the mode of this one is set at', at })),
      ],
      help: 'set mode: join for one of them',
    });
  const token = first?.token ?? machines.find((machine) => machine.token)?.token;
  for (const machine of machines) {
    if (!token || !machine.token || machine.token.value === token.value) continue;
    report.warning({
      code: 'phs-cluster',
      message: `The token of this machine is not that of ${label}: the machine cannot join.`,
      at: machine.token.at,
      related: [{ message: 'the token of the cluster is at', at: token.at }],
      help: 'set the same token for all machines, as in the site',
    });
  }
}
