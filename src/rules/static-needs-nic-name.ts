import type { Nic, Node } from '../site/model.ts';
import { hasPlace, lacks, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const staticNeedsNicName: Rule = {
  code: 'static-needs-nic-name',
  severity: 'error',
  what: 'Without DHCP, the NIC that a Harvester node boots from has a name.',
  why: "The installer's initrd gets its address on the kernel line, which names the NIC.",
  essential: true,
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const network = node?.bootNic?.network;
      if (node?.os !== 'harvester' || !node.bootNic || !network || !lacks(network, 'dhcp')) continue;
      // On OCI there is always DHCP: that none is said is what oci-dhcp reports.
      if (node.oci && !node.domain) continue;
      if (lacks(node.bootNic, 'name')) {
        report({
          node,
          message: `${node.name} boots from ${network.name}, which has no DHCP, and the name of its NIC is not known: the installer could not be told which one gets the address.`,
          at: node.bootNic.mac ? placeOf(node.bootNic, 'mac') : selfPlace(node.bootNic),
          help: helpFor(node, node.bootNic),
        });
      }
    }
  },
};

/** What to write: the short form has no room for a name. */
function helpFor(node: Draft<Node>, { mac, ip }: Draft<Nic>): string {
  if (hasPlace(node, 'nics')) return 'say it beside its address: `name: eno1`';
  const moved = [...(mac === undefined ? [] : [`mac: ${mac}`]), ...(ip === undefined ? [] : [`ip: ${ip}`])];
  const keys = moved.map((key) => key.slice(0, key.indexOf(':'))).join(' and ');
  return `list the NIC under nics with its name${keys ? `, where ${keys} then stand${moved.length > 1 ? '' : 's'}` : ''}: \`nics: [{${['name: eno1', ...moved].join(', ')}}]\``;
}
