import type { Report } from '../../source/diagnostics/report.ts';
import { isValueMap } from '../../source/origin.ts';
import { ipv4Number, isHostAddress } from '../../values/addresses.ts';
import { parseMac } from '../../values/identifiers.ts';
import type { Version } from '../../values/version.ts';
import { type Findings, Notes } from '../notes.ts';
import type { PhsCluster } from './clusters.ts';
import { modernConfig } from './config.ts';
import { joinUrlOf, type Text, textAt } from './file.ts';
import type { Machine } from './machine.ts';
import type { PhsNetwork } from './network.ts';

/** The port of the cluster that nodes join at. Source: `checkServerUrl` of harvester-installer, pkg/console. */
const PORT = '443';

/** What is said of a VIP. */
export type VipSaid = Pick<Machine, 'vip' | 'vipMode' | 'vipHwAddr'>;

/** Gives what the configurations say of the VIP that a create node of a cluster would merge, where it has no such node. */
export function plannedVip(
  { blocks }: PhsCluster,
  machines: readonly Machine[],
  release: Version,
): VipSaid | undefined {
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

/**
 * Gives the VIP of a cluster: that of its create node, else of the configuration that such a node would merge, else the
 * address that nodes join at. Reports a VIP that cannot be one, and nodes that would join elsewhere; gives undefined where
 * there is none.
 */
export function vipOf(
  machines: readonly Machine[],
  planned: VipSaid | undefined,
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
  if (vip !== said)
    notes.add(
      'changed',
      'server_url',
      `no create node says a VIP: ${vip.value} is taken for it, where the others join`,
      vip.at,
    );
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
  if (host !== vip.value || port !== PORT)
    notes.add(
      'changed',
      'server_url',
      `nodes join at https://${vip.value}:${PORT}: the VIP, and the only port that the installer takes`,
      serverUrl.at,
    );
}

/** Reports modes that no VIP has, and MAC addresses that are none. */
export function judgeVipMode(said: readonly VipSaid[], { notes, report }: Findings): void {
  for (const { vipMode, vipHwAddr } of said) {
    if (vipMode?.value === 'none')
      notes.add(
        'changed',
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
