import { offHost } from '../site/off-host.ts';
import { isBroken, lacks, selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const hostWithoutDomains: Rule = {
  code: 'host-without-domains',
  severity: 'warning',
  what: 'A site with a host has nodes that are virtual machines on it.',
  why: 'A node without `vm` is a machine of its own: no domain is made of it, and the host runs nothing.',
  check(site, report) {
    const { host, nodes = [] } = site;
    if (!host || isBroken(site, 'nodes')) return;
    // Of machines that are on a network of the host's alone, machine-off-host says more.
    if (offHost(site).size > 0) return;
    if (!nodes.every((node) => node?.facts && lacks(node.facts, 'vm'))) return;
    report({
      message:
        'The site has a host, and none of its nodes is a virtual machine: there would be nothing on it.',
      at: selfPlace(host),
      help: 'give the nodes `vm`, such as `vm: {preset: small, disks: [{size: 300Gi}]}` in defaults; or remove host',
    });
  },
};
