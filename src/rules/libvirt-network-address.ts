import type { Network, Site } from '../site/model.ts';
import { lacks, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const libvirtNetworkAddress: Rule = {
  code: 'libvirt-network-address',
  severity: 'error',
  what: 'The host has an address on a network that libvirt makes, unless the network is isolated and without DHCP.',
  why: 'A network that libvirt is to forward and has no address on is refused ("forwarding requested, but no IP address provided"), and its DHCP server has nothing to answer from.',
  essential: true,
  check(site, report) {
    for (const network of site.networks ?? []) {
      if (!network?.libvirt || !lacks(network.libvirt, 'address') || isSaidAlready(site, network)) continue;
      const { forward } = network.libvirt;
      const serves = network.dhcp?.server === 'libvirt';
      if (!serves && (forward === 'isolated' || forward === undefined)) continue;
      report({
        message: serves
          ? `libvirt is to serve DHCP on the network ${network.name}, and the host has no address there: nobody would answer.`
          : `libvirt is to forward what leaves the network ${network.name} (${forward}), and the host has no address there: libvirt refuses such a network.`,
        at: selfPlace(network),
        help: serves
          ? 'add gateway, or the address of the host alone: `libvirt: {address: …}`'
          : 'add gateway or `libvirt: {address: …}`; or keep the network to the machines with `libvirt: {forward: isolated}`',
      });
    }
  },
};

/** Whether missing-gateway asks for the gateway, which is the host's address, too. */
function isSaidAlready({ nodes = [] }: Draft<Site>, network: Draft<Network>): boolean {
  return lacks(network, 'gateway') && nodes.some((node) => node?.bootNic?.network === network);
}
