import { isBroken, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const kubernetesClusterIp: Rule = {
  code: 'kubernetes-cluster-ip',
  severity: 'error',
  what: 'Pods that only the cluster reaches are behind an ingress.',
  why: 'No machine of the site can ask them; and of whoever asks for it, nginx would not know for whom.',
  check({ server }, report) {
    const { kubernetes } = server ?? {};
    if (kubernetes?.service !== 'ClusterIP' || kubernetes.ingress || isBroken(kubernetes, 'ingress')) return;
    report({
      message: 'A ClusterIP is for the cluster alone: machines do not reach it.',
      at: placeOf(kubernetes, 'service'),
      help: 'take LoadBalancer or NodePort, or say who asks for the machines: `ingress: {proxies: […]}`',
    });
  },
};
