import type { IscsiBoot, Node, Site } from '../site/model.ts';
import type { Lun } from '../site/model-host.ts';
import { insertPlaceholders } from '../source/placeholders.ts';
import { contains } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';

/** Returns the URI of a disk for iPXE, with a hexadecimal LUN. Source: RFC 4173, 5; iPXE, scsi.c (scsi_parse_lun). */
export function sanUri({ address, port, lun, target }: IscsiBoot): string {
  return `iscsi:${address}:tcp:${port}:${lun.toString(16)}:${insertPlaceholders(target)}`;
}

/** The display names of the iSCSI servers. */
export const ISCSI_PROGRAMS = { tgt: 'tgt', lio: 'LIO' } as const;

/** Returns the nodes whose disk is in the site's own store. */
export function diskNodes({ nodes }: Pick<Site, 'nodes'>) {
  return nodes.flatMap((node) => {
    const { iscsi } = node;
    return iscsi?.disk === undefined ? [] : [{ node, iscsi, disk: iscsi.disk }];
  });
}

/** Returns the clients of a LUN of the host: virtual machines with an IP address in the network of the iSCSI server. */
export function lunClients({ nodes: names }: Draft<Lun>, { nodes, server }: Draft<Site>) {
  const address = server?.iscsi?.address;
  return (nodes ?? []).flatMap((node) => {
    if (!node?.domain || names?.includes(node.name ?? '') === false) return [];
    const ips = (node.nics ?? []).flatMap((nic) =>
      nic?.ip && address && nic.network?.subnet && contains(nic.network.subnet, address)
        ? { ip: nic.ip, network: nic.network }
        : [],
    );
    return ips.length > 0 ? { node, ips } : [];
  });
}

/** Returns the LUNs of the host as disks. Host names have no underscore, so no node has the name of a LUN here. */
function lunDisks(site: Site) {
  const { iqn, store, address = '', port } = site.server.iscsi;
  return (site.host?.luns ?? []).map((lun) => ({
    node: { name: `lun_${lun.name}` },
    disk: `${store.prefix}lun_${lun.name}`,
    iscsi: {
      size: lun.size,
      target: `${iqn}:${site.name.replaceAll('_', '-')}:lun-${lun.name.replaceAll('_', '-')}`,
      lun: 1,
      address,
      port,
      // LIO alone reads it, and serves no LUNs.
      initiator: '',
    },
    addresses: lunClients(lun, site).flatMap(({ ips }) => ips.map(({ ip }) => ip)),
  }));
}

/** Returns the disks in the site's own store, in the order of the nodes, then the LUNs of the host. */
export function storedDisks(site: Site) {
  const ofNodes = diskNodes(site).map((it) => ({ ...it, addresses: clientAddresses(it.node, it.iscsi) }));
  return [...ofNodes, ...lunDisks(site)].map((disk): StoredDisk => disk);
}

interface StoredDisk {
  readonly node: Pick<Node, 'name'>;
  readonly disk: string;
  readonly iscsi: Pick<
    IscsiBoot,
    'image' | 'size' | 'target' | 'lun' | 'address' | 'port' | 'initiator' | 'chap'
  >;
  /** The IP addresses of its clients. */
  readonly addresses: readonly string[];
}

/** Returns a node's client IP addresses: of its firmware on the boot network, and of its system on the server's network. */
function clientAddresses({ nics, bootNic }: Node, { address }: IscsiBoot): string[] {
  const known = nics.flatMap(({ ip, network }) =>
    ip && (network === bootNic.network || contains(network.subnet, address)) ? ip : [],
  );
  return [...new Set(known)];
}
