import type { Node, Server } from '../site/model.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import { hasPlace, isBroken, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const iscsiServerAddress: Rule = {
  code: 'iscsi-server-address',
  severity: 'error',
  what: 'The iSCSI server of nodes that boot by it has an IPv4 address: that of `server.url` where this is one, and not that of pods, else `server.iscsi.address`, or `iscsi` of the network.',
  why: 'Firmware hands the address on to the system (iBFT), which has no DNS yet as it looks for its disk; and no pod is an iSCSI server.',
  essential: true,
  check({ server, nodes = [] }, report) {
    if (!server?.iscsi) return;
    const lacking = nodes.flatMap((node) => (node && lacksAddress(node, server) ? [node] : []));
    if (lacking.length === 0) return;
    report({
      message: `The iSCSI server has no address, and ${namesOf(lacking)} ${lacking.length > 1 ? 'boot' : 'boots'} by it: ${server.host} is ${server.kubernetes ? 'that of pods' : 'a name'}.`,
      at: placeOf(server, 'url'),
      help: 'say it: `server: {iscsi: {address: …}}`',
    });
  },
};

function lacksAddress({ iscsi, bootNic }: Draft<Node>, server: Draft<Server>): boolean {
  const network = bootNic?.network;
  if (!iscsi || !server.iscsi || !network || isBroken(iscsi, 'address')) return false;
  if (isBroken(server.iscsi, 'address') || isBroken(network, 'iscsi')) return false;
  if (iscsi.address === undefined) return true;
  const isOfUrl = !hasPlace(server.iscsi, 'address') && iscsi.address === server.host;
  return isOfUrl && server.kubernetes !== undefined;
}
