import { isBroken, placeOf } from '../source/origin.ts';
import { canBeNodePort } from '../targets/k8s/network.ts';
import type { Rule } from './rule.ts';

export const kubernetesNodePort: Rule = {
  code: 'kubernetes-node-port',
  severity: 'warning',
  what: 'Where NodePorts lead to nginx, they are the ports that machines ask at; and only of a NodePort one is said, and no number of pods.',
  why: "Nothing answers at another port of the cluster's nodes, unless something before them leads there: a port mapping, or a balancer that leaves each machine its own address, since nginx hands out by that. Pods are on every node then, since each is asked for its own.",
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
    if (kubernetes.replicas !== undefined)
      report({
        message: 'A NodePort has a pod on each node of the cluster, whatever replicas says.',
        at: placeOf(kubernetes, 'replicas'),
        help: 'take it out, or take a LoadBalancer',
      });
    const { port, ports = [], tls } = server;
    if (port !== undefined && port !== nodePort && !(nodePort === undefined && canBeNodePort(port)))
      report({
        message: elsewhere(port, nodePort),
        at: placeOf(kubernetes, nodePort === undefined ? 'service' : 'nodePort'),
        related: [{ message: 'where they ask is set at', at: placeOf(server, 'url') }],
        help: `say the port of the NodePort in server.url; ${OR_SILENCE}`,
      });
    const further = [
      ...ports.map((port, index) => ({ port, at: placeOf(ports, index) })),
      ...(tls ? [{ port: tls.port, at: placeOf(tls, 'url') }] : []),
    ];
    for (const { port: other, at } of further)
      if (other !== undefined && other !== port && !canBeNodePort(other))
        report({
          message: elsewhere(other),
          at,
          help: `take a port from 30000 to 32767, which the NodePort has, too; ${OR_SILENCE}`,
        });
  },
};

const OR_SILENCE =
  'where something leads there and keeps the addresses of machines, silence kubernetes-node-port with the reason';

function elsewhere(port: number, nodePort?: number): string {
  return `Machines ask at port ${port}, and a NodePort is ${nodePort ?? 'another one'}: something must lead from the one to the other.`;
}
