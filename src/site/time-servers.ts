import { isBroken } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isUnknown } from './is-unknown.ts';
import type { Node } from './model.ts';

/** Gives the time servers of a node's configuration; undefined where a fault leaves open which these are. */
export function timeServers(node: Draft<Node>): readonly string[] | undefined {
  if (isUnknown(node, 'os.ntp_servers')) return undefined;
  const network = node.bootNic?.network;
  if (!node.said?.os?.ntp_servers && (!network || isBroken(network, 'ntp'))) return undefined;
  return (node.config?.os?.ntp_servers ?? []).flatMap((server) => server ?? []);
}
