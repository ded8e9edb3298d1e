import type { Network } from '../site/model.ts';
import { hasPlace, type Place, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Finding, Rule } from './rule.ts';

export const bridgeTaken: Rule = {
  code: 'bridge-taken',
  severity: 'error',
  what: "Each network that libvirt makes has a bridge of its own, which is no other network's interface, and neither the host's loopback device nor the bridge of libvirt's default network.",
  why: 'A second network with a bridge that is taken is refused by libvirt ("bridge name already in use"). Unless said, a bridge is called virbr-<network>, cut at 15 characters: Linux takes no longer name. An interface of the host that is there already libvirt does not take for a bridge, either.',
  check({ networks = [] }, report) {
    checkInterfaces(networks, report);
    const first = new Map<string, Draft<Network>>();
    for (const network of networks) {
      const { bridge } = network?.libvirt ?? {};
      if (!network?.libvirt || bridge === undefined) continue;
      const owner = TAKEN.get(bridge);
      if (owner) {
        report({
          message: `The bridge ${bridge} of the network ${network.name} is ${owner.whose}: libvirt cannot make it.`,
          at: bridgePlace(network),
          help: owner.help,
        });
        continue;
      }
      const other = first.get(bridge);
      if (!other) {
        first.set(bridge, network);
        continue;
      }
      report({
        message: `The bridge ${bridge} of the network ${network.name} is that of ${other.name}, too: libvirt refuses the second.`,
        at: bridgePlace(network),
        related: [{ message: `${other.name} has it at`, at: bridgePlace(other) }],
        help: 'name another bridge with interface, of at most 15 characters',
      });
    }
  },
};

const OTHER = 'name another bridge with interface, or none: it follows from the name of the network';

/** What every host has, or may have. Source of the second: libvirt, src/network/default.xml.in. */
const TAKEN: ReadonlyMap<string, { readonly whose: string; readonly help: string }> = new Map([
  ['lo', { whose: "the host's loopback device", help: OTHER }],
  [
    'virbr0',
    {
      whose: "that of libvirt's own default network",
      help: `${OTHER}; where the host has no default network, silence bridge-taken with the reason`,
    },
  ],
]);

/** A bridge that libvirt makes is not there before libvirt makes it; what another network is on must be. */
function checkInterfaces(
  networks: readonly (Draft<Network> | undefined)[],
  report: (finding: Finding) => void,
): void {
  for (const network of networks) {
    const { bridge } = network?.libvirt ?? {};
    const other = networks.find((one) => one && !one.libvirt && one.interface === bridge);
    if (!network || !other || bridge === undefined) continue;
    report({
      message: `The bridge ${bridge} that libvirt is to make for the network ${network.name} is the interface of ${other.name}, too: of an interface that is there libvirt makes none, and two networks would be on one wire.`,
      at: bridgePlace(network),
      related: [{ message: `${other.name} has it at`, at: placeOf(other, 'interface') }],
      help: `name another bridge for ${network.name}, or another interface for ${other.name}; where the bridge is the host's own, remove libvirt and \`server: libvirt\` from ${network.name}`,
    });
  }
}

/** Where a bridge is named; where its name follows from the network's, the network. */
function bridgePlace(network: Draft<Network>): Place {
  const { libvirt } = network;
  return libvirt && hasPlace(libvirt, 'bridge') ? placeOf(libvirt, 'bridge') : selfPlace(network);
}
