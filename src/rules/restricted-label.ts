import { labelsInConfig } from '../site/one-of-config.ts';
import { keyPlaceOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

/** What a kubelet may give its own node of what is Kubernetes' own (KEP-279). */
const OPEN: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]);
const OPEN_PREFIX = /(^|\.)(kubelet|node)\.kubernetes\.io$/;
const OWN_PREFIX = /(^|\.)(kubernetes|k8s)\.io$/;

export const restrictedLabel: Rule = {
  code: 'restricted-label',
  severity: 'error',
  what: 'Of the labels below `kubernetes.io` and `k8s.io`, a node has those alone that a kubelet may give itself.',
  why: 'The kubelet does not start with another one (Kubernetes, KEP-279): the installation ends well, and the node never joins.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const labels = node && labelsInConfig(node, isRestricted);
      if (!labels) continue;
      for (const label of Object.keys(labels)) {
        if (!isRestricted(label)) continue;
        report({
          node,
          message: `The label ${label} is not one that a kubelet may give its node: the kubelet would not start.`,
          at: keyPlaceOf(labels, label),
          help: 'use a prefix of your own, such as example.org/, or set the label with kubectl once the node has joined',
        });
      }
    }
  },
};

function isRestricted(label: string): boolean {
  const [prefix = ''] = label.includes('/') ? label.split('/') : [];
  return OWN_PREFIX.test(prefix) && !OPEN.has(label) && !OPEN_PREFIX.test(prefix);
}
