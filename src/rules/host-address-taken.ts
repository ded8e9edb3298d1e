import { type AddressOwner, machineAddresses } from '../site/address-owners.ts';
import type { Host, Site } from '../site/model.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const hostAddressTaken: Rule = {
  code: 'host-address-taken',
  severity: 'error',
  what: "The addresses by which the libvirt host is reached, and at which its exposed ports listen, are the host's own: no node's, VIP or router's.",
  why: 'At an address that the host does not have, socat cannot listen ("Cannot assign requested address") and its unit starts over and over; and who asks a virtual machine for the host meets neither its web server nor its ports.',
  check(site, report) {
    const { host } = site;
    if (!host) return;
    const uses = usesOf(host);
    const owners = ownersIn(site, new Set(uses.map(({ address }) => address)));
    for (const { address, what, at } of uses) {
      const owner = address === undefined ? undefined : owners.get(address);
      if (!owner) continue;
      report({
        message: `${what}, ${address}, is that of ${owner.what}: the host does not have it.`,
        at,
        related: [{ message: `${owner.what} has it at`, at: owner.at }],
        help: "give an address of the host's own, or none",
      });
    }
  },
};

interface Use {
  readonly address: string | undefined;
  readonly what: string;
  readonly at: Place;
}

/** What is an address of the host by its meaning; the one by which it is reached may be a name. */
function usesOf(host: Draft<Host>): Use[] {
  return [
    { address: host.address, what: 'The address of the host', at: placeOf(host, 'address') },
    ...(host.expose ?? []).flatMap((exposed) =>
      exposed
        ? {
            address: exposed.address,
            what: `The address at which port ${exposed.port} listens`,
            at: placeOf(exposed, 'address'),
          }
        : [],
    ),
  ];
}

/** Whose addresses cannot be the host's; the gateway of a network that libvirt makes may be the host itself. */
function ownersIn(site: Draft<Site>, wanted: ReadonlySet<string | undefined>): Map<string, AddressOwner> {
  const owners = [...machineAddresses(site, wanted)];
  for (const cluster of site.clusters ?? []) {
    const what = `the VIP of ${cluster?.name}`;
    if (cluster?.vip) owners.push({ address: cluster.vip, what, at: placeOf(cluster, 'vip') });
  }
  for (const network of site.networks ?? []) {
    const { gateway, libvirt } = network ?? {};
    if (!network || !gateway || !libvirt?.address || gateway === libvirt.address) continue;
    owners.push({
      address: gateway,
      what: `the gateway of ${network.name}`,
      at: placeOf(network, 'gateway'),
    });
  }
  // The first who has an address has it.
  return new Map(owners.reverse().map((owner) => [owner.address, owner]));
}
