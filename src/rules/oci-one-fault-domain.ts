import { listed } from '../source/diagnostics/listed.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

/** An availability domain has three. Source: OCI's documentation, Regions and Availability Domains. */
const FAULT_DOMAINS = 3;

export const ociOneFaultDomain: Rule = {
  code: 'oci-one-fault-domain',
  severity: 'warning',
  what: 'The nodes of a cluster on Oracle Cloud Infrastructure are in as many fault domains as there are.',
  why: 'Hardware of one fault domain fails, and is maintained, together: of three nodes, two that are gone take the cluster along.',
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      const members = cluster?.members ?? [];
      const domains = members.map((node) => node?.oci && domainOf(node.oci));
      // Where one says nothing, OCI chooses.
      if (!cluster || members.length < FAULT_DOMAINS || domains.some((domain) => domain === undefined))
        continue;
      const distinct = [...new Set(domains)];
      const [first] = members;
      if (distinct.length >= FAULT_DOMAINS || !first?.oci) continue;
      report({
        message: `The ${members.length} nodes of ${cluster.name} are in ${listed(distinct.map(String))}: what takes one fault domain away may take the cluster.`,
        at: placeOf(first.oci, 'faultDomain'),
        help: 'give each of three nodes a fault domain of its own, or leave fault_domain out, so that OCI chooses',
      });
    }
  },
};

function domainOf({
  availabilityDomain,
  faultDomain,
}: {
  readonly availabilityDomain?: string | undefined;
  readonly faultDomain?: string | undefined;
}): string | undefined {
  return availabilityDomain && faultDomain && `${faultDomain} of ${availabilityDomain}`;
}
