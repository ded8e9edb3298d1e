import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const kubernetesIngressPort: Rule = {
  code: 'kubernetes-ingress-port',
  severity: 'error',
  what: 'What machines fetch through an ingress they fetch by http at port 80, and at no other.',
  why: "An Ingress knows of no other port; and one that speaks https would show the secrets to the cluster's network on the way to nginx.",
  check({ server }, report) {
    if (!server?.kubernetes?.ingress) return;
    const help = 'take a LoadBalancer or NodePort in place of the ingress';
    if (server.tls)
      report({ message: 'An ingress does not lead https to nginx.', at: placeOf(server, 'tls'), help });
    else if (server.port !== undefined && server.port !== 80)
      report({
        message: `No ingress leads from port ${server.port} to nginx.`,
        at: placeOf(server, 'url'),
        help: `${help}, or a URL without a port`,
      });
    if (server.kubernetes.service !== 'ClusterIP') return;
    server.ports?.forEach((port, index) => {
      if (port === undefined || port === 80) return;
      report({
        message: `No ingress leads from port ${port} to nginx.`,
        at: placeOf(server.ports ?? [], index),
        help: 'add a LoadBalancer for it: `service: LoadBalancer`',
      });
    });
  },
};
