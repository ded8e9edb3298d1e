import type { Node } from '../site/model.ts';
import { listed, namesOf } from '../source/diagnostics/listed.ts';
import { lacks, placeKey, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const ociIncomplete: Rule = {
  code: 'oci-incomplete',
  severity: 'error',
  what: 'An instance of Oracle Cloud Infrastructure has a compartment, a subnet, an image, a shape and an availability domain.',
  why: 'Without one of the five nothing can be launched.',
  essential: true,
  check({ nodes = [] }, report) {
    const byLack = new Map<string, { what: string; lacking: Draft<Node>[] }>();
    for (const node of nodes) {
      const lacking = node ? lackingOf(node) : [];
      if (!node?.oci || lacking.length === 0) continue;
      const what = listed(lacking);
      // What a layer lacks is one fault.
      const key = `${placeKey(selfPlace(node.oci))} ${what}`;
      const found = byLack.get(key) ?? { what, lacking: [] };
      found.lacking.push(node);
      byLack.set(key, found);
    }
    for (const { what, lacking } of byLack.values()) {
      const [first, another] = lacking;
      if (!first) continue;
      report({
        message: `${namesOf(lacking)} ${another ? 'are instances' : 'is an instance'} of OCI and ${another ? 'have' : 'has'} no ${what}: ${another ? 'they' : 'it'} could not be launched.`,
        at: placeOf(first, 'oci'),
        help: 'say it under oci: of the node, a profile or defaults',
      });
    }
  },
};

function lackingOf(node: Draft<Node>): string[] {
  const { oci } = node;
  if (!oci) return [];
  return [
    ...(lacks(oci, 'compartment') ? ['compartment'] : []),
    ...(lacks(oci, 'subnet') ? ['subnet'] : []),
    ...(lacks(oci, 'image') ? ['image'] : []),
    ...(lacks(oci, 'shape') ? ['shape'] : []),
    ...(lacks(oci, 'availabilityDomain') ? ['availability_domain'] : []),
  ];
}
