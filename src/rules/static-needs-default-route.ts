import { interfaceMethod } from '../site/derive-config.ts';
import { isUnknown } from '../site/is-unknown.ts';
import { isBroken, lacks, placeOf, selfPlace } from '../source/origin.ts';
import { isAtLeast, isAtMost } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const staticNeedsDefaultRoute: Rule = {
  code: 'static-needs-default-route',
  severity: 'error',
  what: 'From v1.3.1 to v1.4.1, nodes with a static address boot from a network with a DHCP server.',
  why: 'The installer of these releases looks for a default route before it applies the configuration, whatever gateway that gives, and stops with "No default route found" (harvester/harvester#7280, mended in v1.4.2).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const network = node?.bootNic?.network;
      const release = node?.cluster?.version;
      if (node?.os !== 'harvester' || !node.cluster || !network || !release) continue;
      if (!isAtLeast(release, 'v1.3.1') || !isAtMost(release, 'v1.4.1')) continue;
      // No installer runs on a node that is never installed.
      if (node.install === 'never' || isBroken(node, 'install')) continue;
      if (!lacks(network, 'dhcp') || isUnknown(node, 'install.management_interface.method')) continue;
      if (interfaceMethod(node) !== 'static') continue;
      report({
        node,
        message: `The network ${network.name} has no DHCP server, and the installer of ${release.text} looks for a default route before it sets static addresses: it stops with "No default route found".`,
        at: placeOf(node.cluster, 'version'),
        related: [{ message: 'the network is at', at: selfPlace(network) }],
        help: `install v1.4.2 or newer, or give ${network.name} a DHCP server`,
      });
    }
  },
};
