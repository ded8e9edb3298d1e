import type { Network, Node } from '../site/model.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { ipv4Text } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const ociReservedAddress: Rule = {
  code: 'oci-reserved-address',
  severity: 'error',
  what: 'No instance of Oracle Cloud Infrastructure, and no VIP of theirs, has an address that OCI keeps for itself.',
  why: 'OCI reserves the first two addresses and the last one of each subnet, and refuses a launch with one of them.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      if (!node?.oci || !node.bootNic) continue;
      const { network } = node.bootNic;
      for (const { what, address, at } of addressesOf(node, node.bootNic)) {
        if (!network || address === undefined || address !== routerOf(network)) continue;
        // Of the gateway's own address another rule speaks.
        if (address === network.gateway) continue;
        report({
          oncePerPlace: true,
          message: `${address} is ${what}, and OCI keeps it for itself: the first two addresses of ${network.subnet?.text} and the last are reserved.`,
          at,
          help: 'choose an address from the third on',
        });
      }
    }
  },
};

function addressesOf(node: Draft<Node>, bootNic: NonNullable<Draft<Node>['bootNic']>) {
  const { name, cluster } = node;
  const own = { what: `the address of ${name}`, address: bootNic.ip, at: placeOf(bootNic, 'ip') };
  const vip: { what: string; address: string | undefined; at: Place }[] = cluster
    ? [{ what: `the VIP of ${cluster.name}`, address: cluster.vip, at: placeOf(cluster, 'vip') }]
    : [];
  return [own, ...vip];
}

/** The second address of a subnet: OCI's virtual router. The very first and the last are no host's anywhere. */
function routerOf({ subnet }: Draft<Network>): string | undefined {
  return subnet?.first === undefined ? undefined : ipv4Text(subnet.first + 1);
}
