import type { Report } from '../../source/diagnostics/report.ts';
import { isValueMap } from '../../source/origin.ts';
import type { SourceLocation } from '../../source/source.ts';
import { type Cidr, contains, type Ipv4, ipv4Number, isHostAddress } from '../../values/addresses.ts';
import { parseMac } from '../../values/identifiers.ts';
import type { Version } from '../../values/version.ts';
import { type Findings, Notes } from '../notes.ts';
import { subnetAround, subnetOf } from '../subnets.ts';
import type { PhsCluster } from './clusters.ts';
import { modernConfig } from './config.ts';
import { joinUrlOf, type PhsNode, type Text, textAt } from './file.ts';
import type { Machine } from './machine.ts';

/** What a machine's network is, as far as the file says it. */
type Addressed = Pick<PhsNode, 'at' | 'ip' | 'netmask' | 'gateway'>;

/** The network of a cluster, and where the file says it. */
export interface PhsNetwork {
  readonly subnet: Cidr;
  /** Where its parts stand: the address and the mask that it follows from. */
  readonly from: readonly SourceLocation[];
  readonly gateway?: Ipv4 | undefined;
  readonly gatewayFrom: readonly SourceLocation[];
}

interface Judged extends Addressed {
  readonly ip: Text;
  readonly prefix?: number | undefined;
}

/** Returns the network that the machines of a cluster share, that of the first; reports what is wrong, or outside of it. */
export function networkOf(machines: readonly Addressed[], report: Report): PhsNetwork | undefined {
  const right = machines.flatMap((machine) => judged(machine, report) ?? []);
  const lead = right.find(({ prefix }) => prefix !== undefined);
  const [first] = machines;
  if (!lead && first && !report.failed)
    report.error({
      code: 'phs-address',
      message: 'No machine of the cluster has a netmask.',
      at: first.at,
      help: 'give it one, such as 255.255.255.0',
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
        message: `The gateway is not that of the others of its network, ${gateway.value}.`,
        at: other.at,
        related: [{ message: 'theirs is at', at: gateway.at }],
        help: `the site says ${gateway.value} for all: correct its gateway if that is wrong`,
      });
  if (gateway && !isHostAddress(subnet, gateway.value))
    report.error({
      code: 'phs-address',
      message: `The gateway is no host of ${subnet.text}: no machine there can reach it.`,
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

/** Returns what a machine has, with the length of its prefix; undefined where an address is missing or wrong, which is reported. */
function judged(machine: Addressed, report: Report): Judged | undefined {
  const { ip, netmask, gateway } = machine;
  const error = (at: SourceLocation, message: string, help: string) =>
    report.error({ code: 'phs-address', message, at, help });
  if (!ip) error(machine.at, 'The machine has no ipaddress.', 'give it the one that it shall keep');
  const wrong = [ip, gateway].flatMap((one) => (one && ipv4Number(one.value) === undefined ? one : []));
  for (const { at } of wrong)
    error(
      at,
      'This is no IPv4 address.',
      'write four numbers from 0 to 255 with dots, without leading zeros',
    );
  const prefix = netmask && subnetOf(netmask.value, netmask.value)?.prefix;
  const isMask = !netmask || prefix !== undefined;
  if (!isMask)
    error(netmask.at, 'This is no netmask of a site.', 'write one from 255.0.0.0 to 255.255.255.252');
  return ip && isMask && wrong.length === 0 ? { ...machine, ip, prefix } : undefined;
}

/** Reports an address outside of the network, and a mask that is not the network's. */
function reportOutside({ ip, netmask, prefix }: Judged, subnet: Cidr, lead: Judged, report: Report): void {
  const related = [{ message: 'the network is known from', at: (lead.netmask ?? lead.ip).at }];
  if (!isHostAddress(subnet, ip.value))
    report.error({
      code: 'phs-address',
      message: contains(subnet, ip.value)
        ? `No machine can have this address in ${subnet.text}.`
        : `The machine is not in ${subnet.text}, where the others of its cluster are: it could never take their VIP over.`,
      at: ip.at,
      related,
      help: 'correct the address or the netmask',
    });
  else if (netmask && prefix !== subnet.prefix)
    report.warning({
      code: 'phs-network',
      message: `The netmask is not that of the others, ${subnet.mask}: one network has one.`,
      at: netmask.at,
      related,
      help: `the site says ${subnet.text} for all: correct its subnet if that is wrong`,
    });
}

/** Reports an address that two machines of a cluster have: other clusters may be elsewhere, with the same network. */
export function reportSharedAddresses(machines: readonly Pick<Addressed, 'ip'>[], report: Report): void {
  const byIp = new Map<string, Text>();
  for (const { ip } of machines) {
    const other = ip && byIp.get(ip.value);
    if (ip && !other) byIp.set(ip.value, ip);
    if (other)
      report.error({
        code: 'phs-address',
        message: `Two machines have the address ${ip.value}.`,
        at: ip.at,
        related: [{ message: 'the first is at', at: other.at }],
        help: 'give one of them another address',
      });
  }
}

/** The port of the cluster that nodes join at. Source: `checkServerUrl` of harvester-installer, pkg/console. */
const PORT = '443';

/** What is said of a VIP. */
export type VipInput = Pick<Machine, 'vip' | 'vipMode' | 'vipHwAddr'>;

/** Gives what the configurations say of the VIP that a create node of a cluster would merge, where it has no such node. */
export function plannedVip(
  { blocks }: PhsCluster,
  machines: readonly Machine[],
  release: Version,
): VipInput | undefined {
  if (machines.some(({ mode }) => mode === 'create')) return undefined;
  for (const { create } of blocks) {
    // What becomes of the rest of it is nobody's.
    const install = create && modernConfig(create, { release, mode: 'create', notes: new Notes() }).install;
    if (!isValueMap(install)) continue;
    const vip = textAt(install, 'vip');
    if (vip) return { vip, vipMode: textAt(install, 'vip_mode'), vipHwAddr: textAt(install, 'vip_hw_addr') };
  }
  return undefined;
}

/** Returns the VIP: that of the create node, else as one would merge it, else where nodes join. Reports one that cannot be. */
export function vipOf(
  machines: readonly Machine[],
  planned: VipInput | undefined,
  network: PhsNetwork | undefined,
  { notes, report }: Findings,
): Text | undefined {
  const creates = machines.find(({ mode }) => mode === 'create');
  const said = creates?.vip ?? planned?.vip;
  const vip = said ?? joinedAt(machines);
  if (!vip) {
    const [first] = machines;
    if (first)
      report.error({
        code: 'phs-vip',
        message: 'The cluster has no VIP: Harvester is not installed without one.',
        at: creates?.at ?? first.at,
        help:
          creates?.vipMode?.value === 'dhcp'
            ? 'add install.vip, with the address that the DHCP server reserves for vipHwAddr'
            : 'add install.vip to the configuration of the create node: a free address of its network',
      });
    return undefined;
  }
  const why = `no create node says a VIP: ${vip.value} is taken for it, where the others join`;
  if (vip !== said) notes.changed('server_url', why, vip.at);
  judge(vip, machines, network, report);
  for (const { serverUrl } of machines) if (serverUrl) compare(serverUrl, vip, { notes, report });
  return vip;
}

/** Where nobody creates the cluster, it stands where the others join, unless that is one of them. */
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
      related: other ? [{ message: 'it is given at', at: other.at }] : [],
      help,
    });
  const owner = machines.find(({ ip }) => ip?.value === vip.value);
  if (ipv4Number(vip.value) === undefined) refuse('The VIP is no IPv4 address.', 'correct it');
  else if (owner)
    refuse('The VIP is the address of a node, too.', 'choose a free address of their network', owner.ip);
  else if (network && !isHostAddress(network.subnet, vip.value))
    refuse(
      `The VIP is no address of a host in ${network.subnet.text}, the network of its nodes.`,
      'choose a free address of their network',
    );
}

function compare(serverUrl: Text, vip: Text, { notes, report }: Findings): void {
  const { host, port = PORT } = joinUrlOf(serverUrl) ?? {};
  if (host === undefined) {
    report.warning({
      code: 'phs-join',
      message: 'This is no URL of a cluster: a node could not have joined there.',
      at: serverUrl.at,
      related: [{ message: 'the VIP is set at', at: vip.at }],
      help: `nodes join at https://${vip.value}:${PORT} now`,
    });
    return;
  }
  if (host !== vip.value && ipv4Number(host) !== undefined)
    report.warning({
      code: 'phs-join',
      message: `Nodes join at ${host}, and the VIP of their cluster is ${vip.value}: they could join while that one node is up, and no longer.`,
      at: serverUrl.at,
      related: [{ message: 'the VIP is set at', at: vip.at }],
      help: `they join at the VIP now; correct install.vip if ${host} is the VIP`,
    });
  const why = `nodes join at https://${vip.value}:${PORT}: the VIP, and the only port that the installer takes`;
  if (host !== vip.value || port !== PORT) notes.changed('server_url', why, serverUrl.at);
}

/** Reports modes that no VIP has, and MAC addresses that are none. */
export function judgeVipMode(said: readonly VipInput[], { notes, report }: Findings): void {
  for (const { vipMode, vipHwAddr } of said) {
    if (vipMode?.value === 'none')
      notes.changed(
        'install.vip_mode',
        'none leaves the VIP to something outside of the cluster, such as a load balancer, and a site has no such thing: it is ' +
          'static, and the cluster answers at its VIP itself',
        vipMode.at,
      );
    else if (vipMode && vipMode.value !== 'static' && vipMode.value !== 'dhcp')
      report.error({
        code: 'phs-vip',
        message: 'A VIP is had in mode static or dhcp, and in no other.',
        at: vipMode.at,
        help: 'write one of these',
      });
    if (vipMode?.value === 'dhcp' && vipHwAddr && !parseMac(vipHwAddr.value))
      report.error({
        code: 'phs-vip',
        message: 'This is no MAC address that a DHCP server could reserve an address for.',
        at: vipHwAddr.at,
        help: 'write it in lower case and with colons: 52:54:00:12:34:56',
      });
  }
}

/** Reports a cluster that nobody creates, or several do, and nodes that would not be let in. */
export function reportCluster(machines: readonly Machine[], label: string, report: Report): void {
  const [first, second] = machines.filter(({ mode }) => mode === 'create');
  const [some] = machines;
  if (!first && some)
    report.warning({
      code: 'phs-cluster',
      message: `No machine of ${label} is installed in mode create: the others would wait to join.`,
      at: some.at,
      help: 'where the cluster stands already, that is as it should be but for the check: give the site the node that creates it',
    });
  if (first && second)
    report.warning({
      code: 'phs-cluster',
      message: `Two machines of ${label} are installed in mode create: there would be two clusters with one VIP.`,
      at: second.macText.at,
      related: [
        { message: 'the first is at', at: first.macText.at },
        ...second.modeFrom.map((at) => ({ message: 'the mode of this one is set at', at })),
      ],
      help: 'let one of them join',
    });
  const token = first?.token ?? machines.find((machine) => machine.token)?.token;
  for (const machine of machines) {
    if (!token || !machine.token || machine.token.value === token.value) continue;
    report.warning({
      code: 'phs-cluster',
      message: `The token of this machine is not the one that creates ${label}: it would not be let in.`,
      at: machine.token.at,
      related: [{ message: 'the token of the cluster is at', at: token.at }],
      help: 'the site has one token for all',
    });
  }
}
