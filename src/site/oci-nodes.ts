import type { Network, Node, OciInstance, Site } from './model.ts';

/** Gives the nodes of a site that are instances of Oracle Cloud Infrastructure, in the order of the inventory. */
export function ociNodes({ nodes }: Pick<Site, 'nodes'>): (Node & { readonly oci: OciInstance })[] {
  return nodes.filter((node): node is Node & { readonly oci: OciInstance } => node.oci !== undefined);
}

/**
 * Says whether all machines that boot from a network are instances of Oracle Cloud Infrastructure. These bring iPXE along, and
 * their script: the cloud's DHCP server says nothing of booting, and nobody is asked for a program.
 */
export function isOciNetwork({ nodes }: Pick<Site, 'nodes'>, network: Network): boolean {
  const booting = nodes.filter(({ bootNic }) => bootNic.network === network);
  return booting.length > 0 && booting.every(({ oci }) => oci !== undefined);
}
