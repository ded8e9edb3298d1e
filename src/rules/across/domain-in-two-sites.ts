import { selfPlace } from '../../source/origin.ts';
import type { AcrossRule } from './across-rule.ts';
import { pairsOnOneHost } from './one-host.ts';

export const domainInTwoSites: AcrossRule = {
  code: 'domain-in-two-sites',
  severity: 'error',
  what: 'Of sites on one libvirt host, no two have a virtual machine of the same name.',
  why: "One domain of a name is all that libvirt takes, and a machine's images are named as it is: it would run from the disks of the other.",
  check(sites, report) {
    for (const [site, other] of pairsOnOneHost(sites)) {
      const known = new Map(other.nodes.filter(({ domain }) => domain).map((node) => [node.name, node]));
      for (const node of site.nodes) {
        const same = node.domain && known.get(node.name);
        if (!same) continue;
        report({
          message: `${node.name} of ${site.name} and ${same.name} of ${other.name} are virtual machines of one host: libvirt has one domain of a name.`,
          at: selfPlace(node),
          related: [{ message: 'the other one is defined at', at: selfPlace(same) }],
          help: 'rename one of them',
        });
      }
    }
  },
};
