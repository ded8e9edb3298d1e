import type { CloudInit, Node, Site } from '../../site/model.ts';

/**
 * Gives the meta-data of a node: who it is, and what its groups and the inventory say beside that. The instance-id is the
 * same at each build, since cloud-init takes a machine with another one for a new machine.
 */
export function metaDataOf(site: Site, node: Node, { metaData }: CloudInit): object {
  return { 'instance-id': `${site.name}.${node.name}`, 'local-hostname': node.name, ...metaData };
}
