import { createHash } from 'node:crypto';
import { markChap } from '../../secrets/config-marks.ts';
import type { Chap, IscsiBoot, Node, Site } from '../../site/model.ts';
import { markSecrets } from '../../source/marks.ts';
import { contains } from '../../values/addresses.ts';
import { backingOf } from './backing.ts';

/** A node's disk as the site's own iSCSI server has it. Secrets are marks. */
export interface ServedDisk {
  readonly node: Node;
  readonly iscsi: IscsiBoot;
  /** What it is called in the store. */
  readonly disk: string;
  readonly target: string;
  /** What the server opens: a file, or pool and image of Ceph. */
  readonly backing: string;
  /** From where the node asks. */
  readonly addresses: readonly string[];
  readonly chap?: Chap;
  /** 32 hexadecimal digits that no other disk has: operating systems know disks by such. */
  readonly serial: string;
}

/** Gives the nodes whose disk is in the site's own store. */
export function diskNodes({ nodes }: Pick<Site, 'nodes'>): { node: Node; iscsi: IscsiBoot }[] {
  const found: { node: Node; iscsi: IscsiBoot }[] = [];
  for (const node of nodes) if (node.iscsi?.disk !== undefined) found.push({ node, iscsi: node.iscsi });
  return found;
}

/** Gives the disks that the site's own iSCSI server has for nodes, in the order of these. */
export function servedDisks(site: Site): ServedDisk[] {
  return diskNodes(site).map(({ node, iscsi }) => ({
    node,
    iscsi,
    disk: iscsi.disk ?? '',
    target: markSecrets(iscsi.target),
    backing: backingOf(site.server.iscsi.store, iscsi.disk ?? ''),
    addresses: addressesOf(node, iscsi),
    chap: markChap(iscsi.chap),
    serial: serialOf(iscsi.disk ?? ''),
  }));
}

/** Firmware asks on the network that it boots from; the system that it boots may do so on the server's. */
function addressesOf(node: Node, { address }: IscsiBoot): string[] {
  const known = node.nics.flatMap(({ ip, network }) =>
    ip && (network === node.bootNic.network || contains(network.subnet, address)) ? ip : [],
  );
  return [...new Set(known)];
}

/** It follows from the disk's name alone: the number of a target is another one each time that the server starts. */
function serialOf(disk: string): string {
  return createHash('sha256').update(disk).digest('hex').slice(0, 32);
}
