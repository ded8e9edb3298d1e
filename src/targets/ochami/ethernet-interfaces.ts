import type { Site } from '../../site/model.ts';
import { placedBmcs, placedNodes } from './places.ts';

/** What SMD knows of a NIC. */
export interface EthernetInterface {
  readonly ID: string;
  readonly Description: string;
  readonly MACAddress: string;
  readonly LastUpdate: string;
  readonly ComponentID: string;
  readonly Type: 'Node' | 'NodeBMC';
  readonly IPAddresses: readonly { readonly IPAddress: string; readonly Network: string }[];
}

/** There is no clock in a tree: what reads it as a time finds one, and nothing is newer. */
const LAST_UPDATE = '1970-01-01T00:00:00Z';

/**
 * What consumers take for the network that nodes boot from and for that of management controllers; of a controller, they ask
 * the description for `bmc`, too. Source: OpenCHAMI/dnsmasq-dhcpd, dnsmasq_updater.py.
 */
const NODE_NETWORK = 'NMN';
const BMC_NETWORK = 'HMN';

/**
 * Gives the NICs of a site's nodes and management controllers as SMD lists them at `/hsm/v2/Inventory/EthernetInterfaces`.
 * Those without a MAC or without an address are not among them: consumers take the first address of each.
 */
export function ethernetInterfaces(site: Site): EthernetInterface[] {
  return [
    ...placedNodes(site).flatMap(({ node, xname }) =>
      node.nics.flatMap(({ mac, ip, name, network }) => {
        const called = network === node.bootNic.network ? NODE_NETWORK : network.name;
        return mac && ip ? [interfaceOf(mac, ip, { xname, called, type: 'Node', text: name ?? '' })] : [];
      }),
    ),
    ...placedBmcs(site).flatMap(({ xname, mac, ip }) =>
      mac && ip
        ? [interfaceOf(mac, ip, { xname, called: BMC_NETWORK, type: 'NodeBMC', text: `bmc ${xname}` })]
        : [],
    ),
  ];
}

function interfaceOf(
  mac: string,
  ip: string,
  of: {
    readonly xname: string;
    readonly called: string;
    readonly type: 'Node' | 'NodeBMC';
    readonly text: string;
  },
): EthernetInterface {
  return {
    ID: mac.replaceAll(':', ''),
    Description: of.text,
    MACAddress: mac,
    LastUpdate: LAST_UPDATE,
    ComponentID: of.xname,
    Type: of.type,
    IPAddresses: [{ IPAddress: ip, Network: of.called }],
  };
}
