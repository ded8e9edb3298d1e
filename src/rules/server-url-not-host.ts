import type { Network, Site } from '../site/model.ts';
import { isBroken, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { ipv4Number, isHostAddress } from '../values/ipv4.ts';
import type { Rule } from './rule.ts';

export const serverUrlNotHost: Rule = {
  code: 'server-url-not-host',
  severity: 'warning',
  what: 'The address in server.url is one of the host on which the virtual machines live.',
  why: 'The host is their boot server: it is there that `scripts/host-setup.sh` starts nginx with the tree. Of another address machines fetch nothing, or something else.',
  check({ host, server, networks = [], nodes = [] }, report) {
    if (!host || !server?.host || ipv4Number(server.host) === undefined) return;
    if (server.host === host.address || isBroken(host, 'address')) return;
    const booting = new Set(nodes.flatMap((node) => (node?.domain ? (node.bootNic?.network ?? []) : [])));
    // A bridge that is the host's own may lead to any address of it.
    if (booting.size === 0 || [...booting].some((network) => !network.libvirt)) return;
    if (networks.some((network) => !network || hasUnknownAddress(network))) return;
    const addresses = networks.flatMap((network) => network?.libvirt?.address ?? []);
    if (addresses.includes(server.host)) return;
    report({
      message: `Machines fetch from ${server.host}, which is no address of the host that is known: the host has ${addresses.join(', ') || 'none on any network of theirs'}.`,
      at: placeOf(server, 'url'),
      related: addressPlaces(networks),
      help: addresses[0]
        ? `write http://${addresses[0]}; where the host has the other address, too, silence server-url-not-host with the reason`
        : 'give the host an address on the network that they boot from: its gateway, or libvirt.address',
    });
  },
};

/** One that is at fault, as others say, is not known either: mostly it is the gateway, mistyped. */
function hasUnknownAddress(network: Draft<Network>): boolean {
  const { libvirt, subnet } = network;
  if (!libvirt || isBroken(network, 'libvirt')) return isBroken(network, 'libvirt');
  const { address } = libvirt;
  return isBroken(libvirt, 'address') || (address && subnet ? !isHostAddress(subnet, address) : false);
}

function addressPlaces(networks: NonNullable<Draft<Site>['networks']>) {
  return networks.flatMap((network) =>
    network?.libvirt?.address
      ? [{ message: `its address on ${network.name} is set at`, at: placeOf(network.libvirt, 'address') }]
      : [],
  );
}
