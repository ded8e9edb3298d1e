import type { Network, OciInstance } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

type Pair = { readonly network: Draft<Network>; readonly oci: Draft<OciInstance> };

export const ociSubnetDiffers: Rule = {
  code: 'oci-subnet-differs',
  severity: 'error',
  what: 'A network of instances of Oracle Cloud Infrastructure is one subnet of OCI, and a subnet is one network.',
  why: 'An instance gets an address of its subnet alone: a launch with an address of another network is refused.',
  check({ nodes = [] }, report) {
    const byNetwork = new Map<Draft<Network>, Pair>();
    const bySubnet = new Map<string, Pair>();
    for (const node of nodes) {
      const network = node?.bootNic?.network;
      const { oci } = node ?? {};
      if (!node || !network || oci?.subnet === undefined) continue;
      const sameNetwork = byNetwork.get(network);
      const sameSubnet = bySubnet.get(oci.subnet);
      if (sameNetwork && sameNetwork.oci.subnet !== oci.subnet) {
        report({
          node,
          oncePerPlace: true,
          message: `${node.name} is in another subnet of OCI than other nodes of the network ${network.name}.`,
          at: placeOf(oci, 'subnet'),
          related: [{ message: 'the other one is at', at: placeOf(sameNetwork.oci, 'subnet') }],
          help: 'give each subnet of OCI a network of its own, with its addresses',
        });
      } else if (sameSubnet && sameSubnet.network !== network) {
        report({
          node,
          oncePerPlace: true,
          message: `${node.name} is on the network ${network.name}, and in a subnet of OCI whose network is ${sameSubnet.network.name}.`,
          at: placeOf(oci, 'subnet'),
          related: [{ message: 'that network is at', at: placeOf(sameSubnet.network, 'name') }],
          help: `say the subnet of OCI that has ${network.subnet?.text ?? 'its addresses'}`,
        });
      }
      if (!sameNetwork) byNetwork.set(network, { network, oci });
      if (!sameSubnet) bySubnet.set(oci.subnet, { network, oci });
    }
  },
};
