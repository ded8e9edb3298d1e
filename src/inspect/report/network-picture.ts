import { OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import type { Network, Node, Site } from '../../site/model.ts';
import { networkOf } from '../../site/nics.ts';
import { nameRanges } from '../../source/diagnostics/words.ts';
import { contains } from '../../values/addresses.ts';
import { grouped, groupedBy } from '../../values/grouped.ts';

/** Sizes in pixels, of which the templates use the same. */
export const BOX = { width: 148, height: 66, gap: 12, margin: 24 };
/** The space of a network above and below its line. */
const BAND = { above: 86, below: 30 };

/** Returns the picture of a site's networks: lines with servers, and boxes of machines that are connected alike, below them. */
export function networkPicture(site: Site, changeOf: (node: Node) => string) {
  const { networks, nodes } = site;
  const lineOf = new Map(
    networks.map((network, index) => [network, BAND.above + index * (BAND.above + BAND.below)]),
  );
  const buses = networks.map((network) => {
    const { name, subnet, vlan, mtu } = network;
    const facts = [subnet.text, vlan && `VLAN ${vlan}`, mtu && `MTU ${mtu}`].filter(Boolean).join(' · ');
    const lines = [facts, ...dhcpOf(network).split(', ')];
    return { y: lineOf.get(network) ?? 0, name, lines, posts: postsOf(site, network) };
  });
  const top = networks.length * (BAND.above + BAND.below) + 18;
  const patternOf = (node: Node) => {
    const nics = linksAt(site, node)
      .map(({ name }) => name)
      .join(' ');
    return [kindOf(site, node), node.cluster?.name, node.groups[0]?.name, nics, changeOf(node)].join('\n');
  };
  const groups = nodes.length <= 6 ? nodes.map((node) => [node]) : [...groupedBy(nodes, patternOf).values()];
  const boxes = groups.map((members, index) => {
    const [first] = members as [Node];
    const x = columnAt(index);
    const byNetwork = [...groupedBy(linksAt(site, first), (network) => network)];
    const links = byNetwork.map(([network, links], place) => ({
      x: x + ((place + 1) * BOX.width) / (byNetwork.length + 1),
      y: lineOf.get(network) ?? 0,
      nics: links.length,
    }));
    const names = members.map(({ name }) => name);
    const addresses = [...new Set(first.nics.flatMap(({ ip }) => ip ?? []))];
    const more = addresses.length > 1 ? ` +${addresses.length - 1}` : '';
    const isOne = members.length === 1;
    const range = isOne ? first.name : `${first.name} … ${names.at(-1)}`;
    const last = isOne ? `${first.ip}${more}` : `${members.length} machines`;
    const kind = kindOf(site, first);
    const title = `${nameRanges(names)}: ${kind}${isOne ? `, ${addresses.join(', ')}` : ''}`;
    const lines = [shortened(range, 15), shortened(kind), shortened(last, 17)];
    return { x, title, lines, links, change: changeOf(first) };
  });
  const columns = Math.max(boxes.length, ...buses.map(({ posts }) => posts.length));
  const width = columnAt(columns) - BOX.gap + BOX.margin;
  return { width, height: top + BOX.height + 16, top, buses, boxes };
}

/** Returns the network of each NIC of a node, then that of its BMC. */
function linksAt({ networks }: Site, { nics, facts: { bmc } }: Node): Network[] {
  const ofBmc = bmc?.address === undefined ? undefined : networkOf(bmc.address, networks);
  return [...nics.map(({ network }) => network), ...(ofBmc ? [ofBmc] : [])];
}

/** Returns what a machine runs, in words. */
export function kindOf({ clusters }: Site, { os, mode, cluster, linux }: Node): string {
  if (os === 'harvester')
    return `${mode === 'create' ? 'creates' : 'joins'} ${clusters.length > 1 ? cluster?.name : 'the cluster'}`;
  if (os === 'iscsi') return 'iSCSI disk';
  return linux ? 'Linux' : 'local disk';
}

/** Returns the place of a box, right of the names of the networks. */
function columnAt(index: number): number {
  return 270 + index * (BOX.width + BOX.gap);
}

function shortened(text: string, longest = 20): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** Returns the DHCP server of a network and its pool, in words. */
export function dhcpOf({ dhcp }: Network): string {
  if (!dhcp) return 'no DHCP';
  const { server, pool } = dhcp;
  const name = { ...OWN_DHCP_SERVERS, libvirt: { name: 'libvirt' }, external: { name: 'external' } }[server]
    .name;
  return `DHCP: ${name}${pool ? `, ${pool.text.replace('-', '–')}` : ''}`;
}

/** Returns the servers, the gateway and the VIPs of a network: one for each address. */
function postsOf({ server, host, clusters }: Site, { subnet, gateway, libvirt, bootServer }: Network) {
  const all: readonly (readonly [string | undefined, string])[] = [
    ...clusters.map(({ name, vip }) => [vip, clusters.length > 1 ? `VIP ${name}` : 'VIP'] as const),
    [server.host, 'boot server'],
    [bootServer, 'boot server'],
    [server.iscsi.address === server.host ? undefined : server.iscsi.address, 'iSCSI server'],
    [libvirt?.address ?? host?.address, 'libvirt host'],
    [gateway, 'gateway'],
  ];
  const here = all.flatMap(([address, what]) =>
    address !== undefined && contains(subnet, address) ? [[address, what] as const] : [],
  );
  return Array.from(grouped(here), ([address, names], index) => {
    const what = names.join(', ');
    return { x: columnAt(index), address, title: `${what}: ${address}`, what: shortened(what) };
  });
}
