import { cloudInitLeaves } from '../../site/cloud-init-leaves.ts';
import type { CloudInit, Node, Site } from '../../site/model.ts';
import { type Leaf, leavesBelow } from '../../source/leaf.ts';
import { isBroken } from '../../source/origin.ts';
import { metaDataOf } from '../../targets/cloud-init/cloud-init.ts';
import { networkConfigOf } from '../../targets/cloud-init/network-config.ts';
import type { Draft } from '../../values/draft.ts';

/** What nobody has said, under the keys that one would write. */
const META_DATA = ['cloud_init', 'meta_data'] as const;
const NETWORK_CONFIG = ['cloud_init', 'network_config'] as const;

/** What cloud-init finds on a node: what the inventory says, who the node is, and the network as it follows from its NICs. */
export function* cloudInitOf(site: Draft<Site>, node: Draft<Node>, unlessSaid: string): Iterable<Leaf> {
  const { cloudInit } = node;
  if (!cloudInit) return;
  const said = cloudInitLeaves(cloudInit).map(({ path, value, at }): Leaf => ({ path, value, at }));
  const isOfNetwork = ({ path }: Leaf) => path[1] === NETWORK_CONFIG[1];
  yield* said.filter((leaf) => !isOfNetwork(leaf));
  if (site.name !== undefined && node.name !== undefined && !isBroken(cloudInit, 'metaData')) {
    const whole = metaDataOf(site as Site, node as Node, { ...(cloudInit as CloudInit), metaData: {} });
    for (const [key, value] of Object.entries(whole))
      if (!Object.hasOwn(cloudInit.metaData ?? {}, key))
        yield { path: [...META_DATA, key], value, derived: unlessSaid };
  }
  yield* said.filter(isOfNetwork);
  if (cloudInit.networkConfig !== undefined || isBroken(cloudInit, 'networkConfig') || !hasWholeNics(node))
    return;
  const config = { network_config: networkConfigOf(node as Node, cloudInit as CloudInit) };
  yield* leavesBelow(config, 'network_config', NETWORK_CONFIG, { derived: "from the node's NICs" });
}

/** Says whether all is known that the network follows from. */
function hasWholeNics({ nics, bond, bootNic, linux }: Draft<Node>): boolean {
  const isWhole = (network: NonNullable<typeof bootNic>['network']) =>
    network?.subnet &&
    network.dns &&
    !(['dhcp', 'gateway', 'vlan', 'mtu'] as const).some((key) => isBroken(network, key));
  return Boolean(
    bootNic &&
      bond &&
      linux?.args &&
      nics?.every((nic) => nic && isWhole(nic.network) && !isBroken(nic, 'mac')),
  );
}
