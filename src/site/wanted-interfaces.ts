import { parseMac } from '../values/mac.ts';
import { build } from './build.ts';
import type { Underived } from './derived-facts.ts';
import { type Interface, interfaceOf } from './interface-of.ts';

/**
 * Gives the interfaces that are said for a node, if any are. Those that are said by name become those of the node's NICs by MAC:
 * names differ between the installer and the installed system, and between releases (harvester/harvester#9802).
 */
export function wantedInterfaces(node: Underived): readonly Interface[] | undefined {
  const wanted = node.said?.install?.management_interface?.interfaces as
    | readonly (Interface | undefined)[]
    | undefined;
  return wanted?.flatMap((one) => (one ? [byMac(one, node)] : []));
}

/** An interface by its MAC alone: where both are given, the installer would look at the name only. */
function byMac(wanted: Interface, node: Underived): Interface {
  if (wanted.hwAddr) return build({ hwAddr: parseMac(wanted.hwAddr) ?? wanted.hwAddr }, wanted);
  const nic = node.nics?.find((one) => one?.name !== undefined && one.name === wanted.name);
  return nic?.mac ? interfaceOf(nic) : wanted;
}
