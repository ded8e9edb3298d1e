import { isOwnDhcpServer, OWN_DHCP_SERVERS } from '../../knowledge/tables/dhcp-servers.ts';
import { BOOT_SCRIPT, WWW } from '../../tree/paths.ts';
import type { SiteChange } from './change.ts';
import { compatChange } from './compat-change.ts';
import type { NetworkFacts, SiteFacts } from './facts.ts';
import type { FileChange } from './file-changes.ts';
import { isSame } from './leaf-changes.ts';
import { iscsiSiteChanges } from './plan-iscsi.ts';
import { turn } from './words.ts';

/** Keys of a network as one would say them; others are said as they are. */
const WORDS: Readonly<Record<string, string>> = {
  dns: 'DNS servers',
  ntp: 'time servers',
  vlan: 'VLAN',
  mtu: 'MTU',
  'dhcp.server': 'DHCP server',
  'dhcp.pool': 'DHCP pool',
  'dhcp.lease': 'DHCP lease',
  'libvirt.name': 'name in libvirt',
  'libvirt.bridge': 'bridge',
  'libvirt.forward': 'forwarding',
  'libvirt.address': 'address of the host',
};

const DHCP = ['dhcp.server', 'dhcp.pool', 'dhcp.lease'];

/** Says what changes that is not of a node: where machines fetch from, the first script, networks and clusters. */
export function planSite(before: SiteFacts, after: SiteFacts, files: readonly FileChange[]): SiteChange[] {
  return [
    ...urlChange(before, after),
    ...configUrlChange(before, after),
    ...bootScriptChange(files),
    ...compatChange(files),
    ...iscsiSiteChanges(before, after, files),
    ...among(before.networks, after.networks, 'network', (name, old, now) => [
      ...dhcpChange(name, old, now, after),
      ...networkChanges(name, old, now),
    ]),
    ...among(before.clusters, after.clusters, 'cluster', (name, old, now) =>
      vipChange(name, old.vip, now.vip),
    ),
  ];
}

function urlChange({ url: before }: SiteFacts, { url: after }: SiteFacts): SiteChange[] {
  if (before === undefined || after === undefined || before === after) return [];
  return [{ what: 'url', before, after, text: `every machine fetches from ${after} instead of ${before}` }];
}

/** Where the configurations are fetched from, unless that is where all else is. */
function configUrlChange(before: SiteFacts, after: SiteFacts): SiteChange[] {
  const [old, now] = [before.configUrl, after.configUrl];
  if (old === undefined || now === undefined || old === now) return [];
  if (old === before.url && now === after.url) return [];
  const text = `every machine fetches its configuration from ${now} instead of ${old}`;
  return [{ what: 'config-url', before: old, after: now, text }];
}

function bootScriptChange(files: readonly FileChange[]): SiteChange[] {
  const isOther = files.some(({ path, change }) => path === `${WWW}/${BOOT_SCRIPT}` && change === 'changed');
  return isOther ? [{ what: 'boot-script', text: 'the first script of every machine changes' }] : [];
}

/** What is new, gone or other among things with names, in the order of the inventory, what is gone last. */
function among<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  what: 'network' | 'cluster',
  compare: (name: string, before: T, after: T) => SiteChange[],
): SiteChange[] {
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((name): SiteChange[] => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old && now) return compare(name, old, now);
    return [{ what, name, text: `${what} ${name} is ${now ? 'new' : 'gone'}` }];
  });
}

/** A network that has DHCP no more, or did not have it: what that means to the machines that boot from it. */
function dhcpChange(name: string, before: NetworkFacts, after: NetworkFacts, site: SiteFacts): SiteChange[] {
  if (!isDhcpTurned(before, after)) return [];
  const boots = [...site.nodes.values()].some(({ networkName }) => networkName === name);
  const change = {
    what: 'network',
    name,
    key: 'dhcp',
    before: dhcpOf(before),
    after: dhcpOf(after),
  } as const;
  const image = `an iPXE image that has embed/${site.name ?? '<site>'}.ipxe built in`;
  if (dhcpOf(after)) {
    const who = serverOf(after['dhcp.server']);
    const why = boots ? `, and boot without ${image}` : '';
    return [
      {
        ...change,
        text: `network ${name} has DHCP now: machines on it get their addresses from ${who}${why}`,
      },
    ];
  }
  const how = boots ? `, and boot only from ${image}` : '';
  return [
    { ...change, text: `network ${name} has no DHCP any more: machines on it get no address by DHCP${how}` },
  ];
}

/** Who gives the addresses, by the server's name in the inventory. */
function serverOf(server: unknown): string {
  if (server === 'libvirt') return "libvirt's dnsmasq on the host";
  if (typeof server !== 'string' || !isOwnDhcpServer(server)) return "a server that is not harvgen's";
  const { name } = OWN_DHCP_SERVERS[server];
  return server === 'isc' ? `${name} on the boot server` : `the boot server's ${name}`;
}

function dhcpOf(network: NetworkFacts): object | undefined {
  const { 'dhcp.server': server, 'dhcp.pool': pool, 'dhcp.lease': lease } = network;
  return server === undefined ? undefined : { server, pool, lease };
}

function isDhcpTurned(before: NetworkFacts, after: NetworkFacts): boolean {
  return (dhcpOf(before) === undefined) !== (dhcpOf(after) === undefined);
}

function networkChanges(name: string, before: NetworkFacts, after: NetworkFacts): SiteChange[] {
  const isTurned = isDhcpTurned(before, after);
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].flatMap((key): SiteChange[] => {
    const [old, now] = [before[key], after[key]];
    if (isSame(old, now) || (isTurned && DHCP.includes(key))) return [];
    const words = Object.hasOwn(WORDS, key) ? WORDS[key] : key;
    return [
      {
        what: 'network',
        name,
        key,
        before: old,
        after: now,
        text: `network ${name}: ${words} ${turn(old, now)}`,
      },
    ];
  });
}

function vipChange(name: string, before: string | undefined, after: string | undefined): SiteChange[] {
  if (before === undefined || after === undefined || before === after) return [];
  const text = `cluster ${name}: VIP ${turn(before, after)}; a cluster that is installed keeps the one that it has`;
  return [{ what: 'cluster', name, key: 'vip', before, after, text }];
}
