import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const kubernetesNamespace: Rule = {
  code: 'kubernetes-namespace',
  severity: 'error',
  what: "Pods that serve the tree are in no namespace of Kubernetes' own.",
  why: 'Names that begin with `kube-` are reserved for what the cluster is made of: whoever is to look after boot servers there may break the cluster, and whoever looks after that reads their secrets.',
  check({ server }, report) {
    const { kubernetes } = server ?? {};
    if (!kubernetes?.namespace?.startsWith('kube-')) return;
    report({
      message: `The namespace ${kubernetes.namespace} is Kubernetes' own.`,
      at: placeOf(kubernetes, 'namespace'),
      help: 'name another one that exists, or take the key out: harvgen makes one for the site then',
    });
  },
};
