import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/mac.ts';
import { bmcXname } from '../values/xname.ts';
import type { Node } from './model.ts';

type Declaring = Pick<Draft<Node>, 'facts' | 'xname'>;

/**
 * Says whether two nodes declare one management controller, as boards with several nodes have: with the same address and the
 * same MAC address. Two controllers that were given one address by mistake differ in their MAC addresses, or in the xnames that
 * follow from those of their nodes: where neither is said, nobody knows.
 */
export function isSharedBmc(one: Declaring, other: Declaring): boolean {
  const [a, b] = [one.facts?.bmc, other.facts?.bmc];
  if (!a || !b || a.address?.toLowerCase() !== b.address?.toLowerCase()) return false;
  const macs = [a, b].map(({ mac = '' }) => parseMac(mac) ?? mac);
  if (macs[0] !== macs[1]) return false;
  if (one.xname === undefined || other.xname === undefined) return macs[0] !== '';
  return bmcXname(one.xname) === bmcXname(other.xname);
}
