import { isOwnDhcpServer, OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import { SMD, SMD_READY } from '../../targets/ochami/smd.ts';
import { BOOT_SCRIPT, BUILD_IPXE, WWW } from '../../tree/paths.ts';
import type { SiteChange, Trees } from './change.ts';
import { SIGN_MEDIA, type SiteFacts } from './facts.ts';
import { iscsiSiteChanges } from './iscsi.ts';
import { among, otherKeys, type Plain } from './values.ts';
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

/** Says what changes that is not of a node: where machines fetch from, the first script, networks and clusters. */
export function planSite(trees: Trees): SiteChange[] {
  const { before, after } = trees;
  return [
    ...urlChanges(before, after),
    ...bootScriptChange(trees),
    ...compatChange(trees),
    ...iscsiSiteChanges(trees),
    ...among(before.networks, after.networks).flatMap(([name, old, now]) =>
      old && now
        ? [...dhcpChange(name, old, now, after), ...networkChanges(name, old, now)]
        : [comesOrGoes('network', name, now)],
    ),
    ...among(before.clusters, after.clusters).flatMap(([name, old, now]) =>
      old && now ? vipChange(name, old.vip, now.vip) : [comesOrGoes('cluster', name, now)],
    ),
    ...imageChange(trees),
  ];
}

function comesOrGoes(what: 'network' | 'cluster', name: string, now: unknown): SiteChange {
  return { what, name, text: `${what} ${name} is ${now ? 'new' : 'gone'}` };
}

/** Where machines fetch from, and where the configurations are, unless that is where all else is. */
function urlChanges(
  { url: old, configUrl: was }: SiteFacts,
  { url: now, configUrl: is }: SiteFacts,
): SiteChange[] {
  const changes: SiteChange[] = [];
  if (old !== undefined && now !== undefined && old !== now) {
    const text = `every machine fetches from ${now} instead of ${old}`;
    changes.push({ what: 'url', before: old, after: now, text });
  }
  if (was !== undefined && is !== undefined && was !== is && !(was === old && is === now)) {
    const text = `every machine fetches its configuration from ${is} instead of ${was}`;
    changes.push({ what: 'config-url', before: was, after: is, text });
  }
  return changes;
}

function bootScriptChange({ files }: Trees): SiteChange[] {
  const isOther = files.some(({ path, change }) => path === `${WWW}/${BOOT_SCRIPT}` && change === 'changed');
  return isOther ? [{ what: 'boot-script', text: 'the first script of every machine changes' }] : [];
}

/** What OpenCHAMI's services answered is answered now, or not any more. */
function compatChange({ files }: Trees): SiteChange[] {
  const change = files.find(({ path }) => path === `${WWW}/${SMD}/${SMD_READY}`)?.change;
  const urls = "the URLs of OpenCHAMI's BSS, SMD and cloud-init server are";
  if (change === 'added') return [{ what: 'compat', after: 'ochami', text: `${urls} answered now` }];
  if (change !== 'removed') return [];
  const text = `${urls} not answered any more: who asks there gets 404`;
  return [{ what: 'compat', before: 'ochami', text }];
}

/** A network that has DHCP no more, or did not have it: what that means to the machines that boot from it. */
function dhcpChange(name: string, before: Plain, after: Plain, site: SiteFacts): SiteChange[] {
  const [old, now] = [dhcpOf(before), dhcpOf(after)];
  if (Boolean(old) === Boolean(now)) return [];
  const boots = [...site.nodes.values()].some(({ networkName }) => networkName === name);
  const image = `an iPXE image that has embed/${site.name ?? '<site>'}.ipxe built in`;
  const text = now
    ? `has DHCP now: machines on it get their addresses from ${serverOf(now.server)}${boots ? `, and boot without ${image}` : ''}`
    : `has no DHCP any more: machines on it get no address by DHCP${boots ? `, and boot only from ${image}` : ''}`;
  return [{ what: 'network', name, key: 'dhcp', before: old, after: now, text: `network ${name} ${text}` }];
}

/** Who gives the addresses, by the server's name in the inventory. */
function serverOf(server: unknown): string {
  if (server === 'libvirt') return "libvirt's dnsmasq on the host";
  if (typeof server !== 'string' || !isOwnDhcpServer(server)) return "a server that is not harvgen's";
  const { name } = OWN_DHCP_SERVERS[server];
  return server === 'isc' ? `${name} on the boot server` : `the boot server's ${name}`;
}

function dhcpOf(network: Plain) {
  const { 'dhcp.server': server, 'dhcp.pool': pool, 'dhcp.lease': lease } = network;
  return server === undefined ? undefined : { server, pool, lease };
}

function networkChanges(name: string, before: Plain, after: Plain): SiteChange[] {
  const isTurned = Boolean(dhcpOf(before)) !== Boolean(dhcpOf(after));
  const keys = otherKeys(before, after).filter(
    (key) => !(isTurned && /^dhcp\.(server|pool|lease)$/.test(key)),
  );
  return keys.map((key): SiteChange => {
    const [old, now] = [before[key], after[key]];
    const words = Object.hasOwn(WORDS, key) ? WORDS[key] : key;
    return {
      what: 'network',
      name,
      key,
      before: old,
      after: now,
      text: `network ${name}: ${words} ${turn(old, now)}`,
    };
  });
}

function vipChange(name: string, before: string | undefined, after: string | undefined): SiteChange[] {
  if (before === undefined || after === undefined || before === after) return [];
  const text = `cluster ${name}: VIP ${turn(before, after)}; a cluster that is installed keeps the one that it has`;
  return [{ what: 'cluster', name, key: 'vip', before, after, text }];
}

/**
 * Says that images of iPXE are to be built anew, where the script that is built in changes in what machines cannot do
 * without: where they ask, the addresses of those without DHCP, and all that is signed.
 */
function imageChange({ before, after, files, tree }: Trees): SiteChange[] {
  const embedded = files.find(({ path, after }) => after && /^embed\/[^/]+\.ipxe$/.test(path));
  if (!embedded || !tree.has(BUILD_IPXE)) return [];
  const isSigned = tree.has(SIGN_MEDIA);
  const asksElsewhere = before.url !== undefined && after.url !== undefined && before.url !== after.url;
  if (!asksElsewhere && !isSigned && !hasStaticNode(before) && !hasStaticNode(after)) return [];
  const old = asksElsewhere && embedded.before ? `; until then it asks ${before.url}` : '';
  const what = isSigned
    ? `iPXE has ${embedded.path} built in: build its programs and images anew, as README.md says`
    : `where machines start from an image, which has ${embedded.path} built in, build it anew`;
  return [{ what: 'image', text: `${what} (${BUILD_IPXE})${old}` }];
}

function hasStaticNode({ nodes }: SiteFacts): boolean {
  return [...nodes.values()].some(({ leases }) => leases === false);
}
