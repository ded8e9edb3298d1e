import { interfaceMethod } from '../site/derive-config.ts';
import { isUnknown } from '../site/is-unknown.ts';
import type { Network, Node } from '../site/model.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import { isBroken, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const staticNeedsDns: Rule = {
  code: 'static-needs-dns',
  severity: 'error',
  what: 'A node with a static address has DNS servers.',
  why: 'The installer stops with "DNS servers are required for static IP address" (harvester/harvester#1412).',
  check({ nodes = [] }, report) {
    const byNetwork = new Map<Draft<Network>, Draft<Node>[]>();
    for (const node of nodes) {
      const network = node?.bootNic?.network;
      if (node?.os !== 'harvester' || !network || interfaceMethod(node) !== 'static') continue;
      if (node.said?.os?.dns_nameservers?.length || isUnknown(node, 'os.dns_nameservers')) continue;
      if (network.dns?.length !== 0 || isBroken(network, 'dns') || isBroken(network, 'dhcp')) continue;
      const lacking = byNetwork.get(network);
      if (lacking) lacking.push(node);
      else byNetwork.set(network, [node]);
    }
    for (const [network, lacking] of byNetwork) {
      const [first, another] = lacking;
      report({
        message: `The network ${network.name} has no DNS servers, and ${namesOf(lacking)} ${another ? 'have' : 'has'} a static address on it: the installer would stop.`,
        at: selfPlace(network),
        related: first ? [{ message: `${first.name} is at`, at: placeOf(first, 'name') }] : [],
        help: `add dns to the network ${network.name}`,
      });
    }
  },
};
