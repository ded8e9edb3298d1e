import type { LibvirtNetwork, Network, Site } from '../../site/model.ts';
import { keyPlaceOf, type Place, placeOf, selfPlace } from '../../source/origin.ts';
import type { AcrossRule } from './across-rule.ts';
import { pairsOnOneHost } from './one-host.ts';

export const libvirtNetworkInTwoSites: AcrossRule = {
  code: 'libvirt-network-in-two-sites',
  severity: 'error',
  what: 'Of sites on one libvirt host, each network that libvirt makes has a name, a bridge and a subnet of its own.',
  why: 'A second network of a name or on a bridge is refused by libvirt, and so is one whose subnet the host has a route to already ("Network is already in use by interface"): the machines of that site would have none.',
  check(sites, report) {
    for (const [site, other] of pairsOnOneHost(sites)) {
      for (const one of made(site)) {
        for (const same of made(other)) {
          const fault = KINDS.map((kind) => kind(one, same)).find((found) => found);
          if (!fault) continue;
          report({
            message: `The network ${one.network.name} of ${site.name} and ${same.network.name} of ${other.name} ${fault.what}, on one host: libvirt would refuse the one that comes second.`,
            at: fault.at(one),
            related: [{ message: 'the other one is set at', at: fault.at(same) }],
            help: fault.help,
          });
        }
      }
    }
  },
};

interface Made {
  readonly network: Network;
  readonly libvirt: LibvirtNetwork;
}

function made({ networks }: Site): Made[] {
  return networks.flatMap((network) => (network.libvirt ? [{ network, libvirt: network.libvirt }] : []));
}

interface Fault {
  readonly what: string;
  readonly at: (one: Made) => Place;
  readonly help: string;
}

/** Ways in which two networks get into each other's way. */
const KINDS: readonly ((one: Made, other: Made) => Fault | undefined)[] = [
  (one, other) =>
    one.libvirt.name === other.libvirt.name
      ? {
          what: `are both ${one.libvirt.name} to libvirt`,
          at: ({ network }) => selfPlace(network),
          help: 'rename one of the networks or sites',
        }
      : undefined,
  (one, other) =>
    one.libvirt.bridge === other.libvirt.bridge
      ? {
          what: `have both the bridge ${one.libvirt.bridge}`,
          at: ({ network }) => keyPlaceOf(network, 'interface'),
          help: 'name a bridge of its own with interface, of at most 15 characters',
        }
      : undefined,
  (one, other) =>
    one.libvirt.address !== undefined &&
    other.libvirt.address !== undefined &&
    one.network.subnet.first <= other.network.subnet.last &&
    other.network.subnet.first <= one.network.subnet.last
      ? {
          what: `have subnets that overlap, ${one.network.subnet.text} and ${other.network.subnet.text}`,
          at: ({ network }) => placeOf(network, 'subnet'),
          help: 'give each a subnet of its own',
        }
      : undefined,
];
