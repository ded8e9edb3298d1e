import { isBroken, placeOf } from '../origin.ts';
import { canBeNodePort } from '../targets/k8s/network.ts';
import type { Rule } from './rule.ts';

export const kubernetesNodePort: Rule = {
  code: 'kubernetes-node-port',
  severity: 'warning',
  what: 'Where a NodePort leads to nginx, it is the port that machines ask at; and only of a NodePort one is said.',
  why: "Nothing answers at another port of the cluster's nodes, unless something before them leads there: a port mapping, or a balancer that leaves each machine its own address, since nginx hands out by that.",
  check({ server }, report) {
    const { kubernetes } = server ?? {};
    if (!server || !kubernetes || isBroken(kubernetes, 'nodePort')) return;
    const { service, nodePort } = kubernetes;
    if (service !== 'NodePort') {
      if (nodePort === undefined || service === undefined) return;
      report({
        message: `A ${service} has no use for node_port.`,
        at: placeOf(kubernetes, 'nodePort'),
        help: 'take it out, or say `service: NodePort`',
      });
      return;
    }
    const { port } = server;
    if (port === undefined || port === nodePort || (nodePort === undefined && canBeNodePort(port))) return;
    report({
      message: `Machines ask at port ${port}, and a NodePort is ${nodePort ?? 'another one'}: something must lead from the one to the other.`,
      at: placeOf(kubernetes, nodePort === undefined ? 'service' : 'nodePort'),
      related: [{ message: 'where they ask is set at', at: placeOf(server, 'url') }],
      help: 'say the port of the NodePort in server.url; where something leads there and keeps the addresses of machines, silence kubernetes-node-port with the reason',
    });
  },
};
