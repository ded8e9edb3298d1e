import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import {
  isBroken,
  keyLocationOf,
  lacks,
  located,
  locationOf,
  markBroken,
  selfLocation,
} from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import { contains } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/identifiers.ts';
import { onceFor } from '../values/once-for.ts';
import { byName, namesIn, read, reportUnknownName, withOrigins } from './from-inventory.ts';
import type { Network, Nic } from './model.ts';
import { networkOf } from './nics.ts';

export type NodeInventory = NonNullable<NonNullable<Draft<SiteInventory>['nodes']>[string]>;
type NicInventory = NonNullable<NonNullable<NodeInventory['nics']>[number]>;

/** The networks that a NIC may be on; incomplete if the name of one is invalid. */
export interface KnownNetworks {
  readonly networks: readonly Draft<Network>[];
  readonly complete: boolean;
  readonly report: Report;
}

/**
 * Resolves a node's NICs from its `nics`, or the single one of the short form `mac` and `ip`. Reports the use of both forms, and a
 * NIC whose network is ambiguous.
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
        help: `move ${key} to its NIC`,
      });
    }
    // An IP address next to nics may belong to any of them.
    if (node.ip !== undefined)
      for (const nic of node.nics) if (nic && nic.ip === undefined) markBroken(nic, 'ip');
    return node.nics.map((nic, index) =>
      nic ? resolveNic(name, nic, known) : unknownNic(locationOf(node.nics ?? [], index)),
    );
  }
  if (isBroken(node, 'nics')) return [];
  return [resolveOnlyNic(name, node, known)];
}

/** Keys of a node that do not belong to its NIC in the short form, although they have the same names. */
const SHORT_FORM = { name: '', network: '', boot: '' };

function resolveOnlyNic(name: string, node: NodeInventory, known: KnownNetworks): Draft<Nic> {
  const { networks, complete } = known;
  const only = networks[0];
  const network =
    only && networks.length === 1 && complete
      ? only
      : networkOfNic(name, withOrigins<NicInventory>({ mac: node.mac, ip: node.ip }, node), known);
  const mac = read(node.mac, parseMac);
  return withOrigins<Draft<Nic>>(
    { name: undefined, mac, network, ip: node.ip, boot: undefined },
    node,
    SHORT_FORM,
  );
}

function resolveNic(name: string, nic: NicInventory, known: KnownNetworks): Draft<Nic> {
  const network = networkOfNic(name, nic, known);
  return withOrigins(
    { name: nic.name, mac: read(nic.mac, parseMac), network, ip: nic.ip, boot: nic.boot },
    nic,
  );
}

const subnets = onceFor((networks: readonly Draft<Network>[]) => ({
  areKnown: networks.every(({ subnet, gateway }) => subnet && (!gateway || contains(subnet, gateway))),
}));

function unknownNic(at: SourceLocation): Draft<Nic> {
  const nic = located({}, at);
  for (const key of ['name', 'mac', 'network', 'ip', 'boot']) markBroken(nic, key);
  return nic as Draft<Nic>;
}

/** Returns the network that a NIC names, else the one that contains its IP address, else the site's only one. */
function networkOfNic(
  name: string,
  nic: NicInventory,
  { networks, complete, report }: KnownNetworks,
): Draft<Network> | undefined {
  const names = () => namesIn(networks).join(', ');
  if (nic.network !== undefined) {
    const named = byName(networks).get(nic.network);
    if (!named && complete) {
      reportUnknownName(report, {
        kind: 'network',
        name: nic.network,
        at: locationOf(nic, 'network'),
        names: namesIn(networks),
        message: `A NIC of ${name} is on the network ${nic.network}, which does not exist.`,
        none: 'none',
      });
    }
    return named;
  }
  if (!lacks(nic, 'network')) return undefined;
  if (networks.length === 1 && complete) return networks[0];
  const { ip } = nic;
  const holding = ip && networkOf(ip, networks);
  if (networks.length === 0 || !subnets(networks).areKnown || isBroken(nic, 'ip'))
    return holding || undefined;
  if (holding || !complete) return holding || undefined;
  report.error({
    code: 'network-unclear',
    message: ip
      ? `The IP address ${ip} of ${name} is in none of the site's networks: ${names()}.`
      : `The network of a NIC of ${name} is ambiguous: ${names()}.`,
    at: ip ? locationOf(nic, 'ip') : selfLocation(nic),
    help: ip ? 'correct the IP address, or the subnet of its network' : 'add network or ip to the NIC',
  });
  return undefined;
}
