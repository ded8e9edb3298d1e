import type { Node, Site } from '../../site/model.ts';
import { type Ipv4, ipv4Number } from '../../values/ipv4.ts';
import { bmcXname, plainXname } from '../../values/xname.ts';

/** A node by its place in the machine room, as OpenCHAMI's services know it. */
export interface Placed {
  readonly node: Node;
  readonly xname: string;
  /** The xname of its management controller, whether the inventory says more of that or not. */
  readonly bmc: string;
}

/** What was found of nodes, which never change: each list of a service's is made of it. */
const placed = new WeakMap<Site['nodes'], readonly Placed[]>();

/** Gives the nodes of a site that have an xname, in the order of the inventory. */
export function placedNodes({ nodes }: Site): readonly Placed[] {
  let found = placed.get(nodes);
  if (!found) {
    found = nodes.flatMap((node) =>
      node.xname ? { node, xname: plainXname(node.xname), bmc: bmcXname(node.xname) } : [],
    );
    placed.set(nodes, found);
  }
  return found;
}

/** A management controller of which the inventory says something. */
export interface PlacedBmc {
  readonly xname: string;
  readonly mac?: string;
  /** Its address, or its name. */
  readonly address?: string;
  /** Its address, where that is not a name: what reads it as an address would stumble. */
  readonly ip?: Ipv4;
  /** A node that it controls: the first that declares it. */
  readonly node: Node;
}

/** Gives the management controllers of a site's nodes, each once. */
export function placedBmcs(site: Site): PlacedBmc[] {
  const bmcs = new Map<string, PlacedBmc>();
  for (const { node, bmc } of placedNodes(site)) {
    const { mac, address } = node.facts.bmc ?? {};
    if (node.facts.bmc && !bmcs.has(bmc))
      bmcs.set(bmc, {
        xname: bmc,
        node,
        ...(mac && { mac: plainMac(mac) }),
        ...(address && { address }),
        ...(address && ipv4Number(address) !== undefined && { ip: address }),
      });
  }
  return [...bmcs.values()];
}

/** As all of OpenCHAMI writes it: colons, lower case. */
function plainMac(mac: string): string {
  return mac.toLowerCase().replaceAll('-', ':');
}
