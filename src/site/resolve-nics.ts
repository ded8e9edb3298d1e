import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { isBroken, keyLocationOf, located, locationOf, markBroken, selfLocation } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/identifiers.ts';
import { onceFor } from '../values/once-for.ts';
import { build, byName, read } from './build.ts';
import type { Network, Nic } from './model.ts';
import { networkOf } from './nics.ts';

export type NodeInventory = NonNullable<NonNullable<Draft<SiteInventory>['nodes']>[string]>;
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
        at: keyLocationOf(node, key),
        related: [{ message: 'nics is at', at: keyLocationOf(node, 'nics') }],
        help: `move ${key} to the NIC that it belongs to`,
      });
    }
    // With an address beside nics, it is not known which NIC it is for.
    if (node.ip !== undefined)
      for (const nic of node.nics) if (nic && nic.ip === undefined) markBroken(nic, 'ip');
    return node.nics.map((nic, index) =>
      nic ? resolveNic(name, nic, known) : unknownNic(locationOf(node.nics ?? [], index)),
    );
  }
  if (isBroken(node, 'nics')) return [];
  return [resolveOnlyNic(name, node, known)];
}

/** What a node says of its NIC in the short form; what it says under the other names is something else. */
const SHORT_FORM = { name: '', network: '', boot: '' };

function resolveOnlyNic(name: string, node: NodeInventory, known: KnownNetworks): Draft<Nic> {
  const { networks, complete } = known;
  const only = networks[0];
  const network =
    only && networks.length === 1 && complete
      ? only
      : networkOfNic(name, build<NicInventory>({ mac: node.mac, ip: node.ip }, node), known);
  const mac = read(node.mac, parseMac);
  return build<Draft<Nic>>({ name: undefined, mac, network, ip: node.ip, boot: undefined }, node, SHORT_FORM);
}

function resolveNic(name: string, nic: NicInventory, known: KnownNetworks): Draft<Nic> {
  const network = networkOfNic(name, nic, known);
  return build({ name: nic.name, mac: read(nic.mac, parseMac), network, ip: nic.ip, boot: nic.boot }, nic);
}

const subnets = onceFor((networks: readonly Draft<Network>[]) => ({
  areKnown: networks.every((network) => network.subnet),
}));

function unknownNic(at: SourceLocation): Draft<Nic> {
  const nic = located({}, at);
  for (const key of ['name', 'mac', 'network', 'ip', 'boot']) markBroken(nic, key);
  return nic as Draft<Nic>;
}

/** The network that a NIC names, else the one that holds its address, else the site's only one. */
function networkOfNic(
  name: string,
  nic: NicInventory,
  { networks, complete, report }: KnownNetworks,
): Draft<Network> | undefined {
  const names = () => networks.map((network) => network.name).join(', ');
  if (nic.network !== undefined) {
    const named = byName(networks).get(nic.network);
    if (!named && complete) {
      report.error({
        code: 'unknown-network',
        message: `A NIC of ${name} is on the network ${nic.network}, and there is no such network.`,
        at: locationOf(nic, 'network'),
        help: `known networks: ${names() || 'none'}`,
      });
    }
    return named;
  }
  if (isBroken(nic, 'network')) return undefined;
  if (networks.length === 1 && complete) return networks[0];
  const { ip } = nic;
  if (networks.length === 0 || !subnets(networks).areKnown || isBroken(nic, 'ip')) return undefined;
  const holding = ip && networkOf(ip, networks);
  if (holding || !complete) return holding || undefined;
  report.error({
    code: 'network-unclear',
    message: ip
      ? `The address ${ip} of ${name} is in none of the site's networks: ${names()}.`
      : `It cannot be told which network a NIC of ${name} is on: ${names()}.`,
    at: ip ? locationOf(nic, 'ip') : selfLocation(nic),
    help: ip
      ? 'correct the address, or the subnet that it belongs to'
      : 'say it with network, or give the NIC its ip',
  });
  return undefined;
}
