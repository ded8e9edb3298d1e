import type { Report } from '../diagnostics/report.ts';
import { isBroken, keyPlaceOf, located, markBroken, type Place, placeOf, selfPlace } from '../origin.ts';
import { build, read } from './build.ts';
import type { Draft } from './draft.ts';
import { contains } from './ipv4.ts';
import { parseMac } from './mac.ts';
import type { Network, Nic } from './model.ts';
import type { NodeInventory } from './resolve-node.ts';

type NicInventory = NonNullable<NonNullable<NodeInventory['nics']>[number]>;

/** The networks that a NIC can be on; not complete where the name of one is at fault. */
export interface KnownNetworks {
  readonly networks: readonly Draft<Network>[];
  readonly complete: boolean;
  readonly report: Report;
}

/**
 * Makes a node's NICs from its `nics`, or the one of the short form `mac` and `ip`. Reports both forms at once, and a NIC
 * whose network cannot be told.
 */
export function resolveNics(name: string, node: NodeInventory, known: KnownNetworks): Draft<Nic>[] {
  const { report } = known;
  if (node.nics) {
    for (const key of ['mac', 'ip'] as const) {
      if (node[key] === undefined) continue;
      report.error({
        code: 'mac-and-nics',
        message: `${name} has both ${key} and nics: ${key} is the short form for a node with one NIC.`,
        at: keyPlaceOf(node, key),
        related: [{ message: 'nics is at', at: keyPlaceOf(node, 'nics') }],
        help: `move ${key} to the NIC that it belongs to`,
      });
    }
    // With an address beside nics, it is not known which NIC it is for.
    if (node.ip !== undefined)
      for (const nic of node.nics) if (nic && nic.ip === undefined) markBroken(nic, 'ip');
    return node.nics.map((nic, index) =>
      nic ? resolveNic(name, nic, known) : unknownNic(placeOf(node.nics ?? [], index)),
    );
  }
  if (isBroken(node, 'nics')) return [];
  return [resolveOnlyNic(name, node, known)];
}

/** What a node says of its NIC in the short form; what it says under the other names is something else. */
const SHORT_FORM = { name: '', network: '', boot: '' };

function resolveOnlyNic(name: string, node: NodeInventory, known: KnownNetworks): Draft<Nic> {
  const { networks, complete } = known;
  const [only] = networks;
  const network =
    only && networks.length === 1 && complete
      ? only
      : networkOf(name, build<NicInventory>({ mac: node.mac, ip: node.ip }, node), known);
  const mac = read(node.mac, parseMac);
  return build<Draft<Nic>>({ name: undefined, mac, network, ip: node.ip, boot: undefined }, node, SHORT_FORM);
}

function resolveNic(name: string, nic: NicInventory, known: KnownNetworks): Draft<Nic> {
  const network = networkOf(name, nic, known);
  return build({ name: nic.name, mac: read(nic.mac, parseMac), network, ip: nic.ip, boot: nic.boot }, nic);
}

/** A NIC that is there, and of which nothing is known. */
function unknownNic(at: Place): Draft<Nic> {
  const nic = located({}, at);
  for (const key of ['name', 'mac', 'network', 'ip', 'boot']) markBroken(nic, key);
  return nic as Draft<Nic>;
}

/** The network that a NIC names, else the one that holds its address, else the site's only one. */
function networkOf(
  name: string,
  nic: NicInventory,
  { networks, complete, report }: KnownNetworks,
): Draft<Network> | undefined {
  const names = () => networks.map((network) => network.name).join(', ');
  if (nic.network !== undefined) {
    const named = networks.find((network) => network.name === nic.network);
    if (!named && complete) {
      report.error({
        code: 'unknown-network',
        message: `A NIC of ${name} is on the network ${nic.network}, and there is no such network.`,
        at: placeOf(nic, 'network'),
        help: `known networks: ${names() || 'none'}`,
      });
    }
    return named;
  }
  if (isBroken(nic, 'network')) return undefined;
  if (networks.length === 1 && complete) return networks[0];
  const { ip } = nic;
  if (networks.length === 0 || networks.some((network) => !network.subnet) || isBroken(nic, 'ip'))
    return undefined;
  const holding = ip && networks.find((network) => network.subnet && contains(network.subnet, ip));
  if (holding || !complete) return holding || undefined;
  report.error({
    code: 'network-unclear',
    message: ip
      ? `The address ${ip} of ${name} is in none of the site's networks: ${names()}.`
      : `It cannot be told which network a NIC of ${name} is on: ${names()}.`,
    at: ip ? placeOf(nic, 'ip') : selfPlace(nic),
    help: ip
      ? 'correct the address, or the subnet that it belongs to'
      : 'say it with network, or give the NIC its ip',
  });
  return undefined;
}
