import type { Node } from '../site/model.ts';
import { nameRanges } from '../source/diagnostics/words.ts';
import { isBroken, keyLocationOf, locationOf } from '../source/origin.ts';
import { canBeNodePort } from '../targets/k8s/k8s.ts';
import { parseAddressOrCidr } from '../values/addresses.ts';
import type { Draft } from '../values/draft.ts';
import { error, warning } from './rule.ts';
import { overlap } from './support.ts';

export const kubernetesOnHost = error('kubernetes-on-host', {
  what: 'A site with a libvirt host has no pods that serve its tree.',
  why: 'The host is the boot server of its own machines: `scripts/host-setup.sh` starts nginx there, and networks of libvirt lead to no cluster.',
  check({ host, server }, report) {
    if (!host || !server?.kubernetes) return;
    report({
      message: 'The site has a libvirt host, which serves its tree, and is to have pods that do.',
      at: keyLocationOf(server, 'kubernetes'),
      help: 'take server.kubernetes out, or the host',
    });
  },
});

export const kubernetesNamespace = error('kubernetes-namespace', {
  what: "Pods that serve the tree are in no namespace of Kubernetes' own.",
  why: 'Names that begin with `kube-` are reserved for what the cluster is made of: whoever is to look after boot servers there may break the cluster, and whoever looks after that reads their secrets.',
  check({ server }, report) {
    const { kubernetes } = server ?? {};
    if (!kubernetes?.namespace?.startsWith('kube-')) return;
    report({
      message: `The namespace ${kubernetes.namespace} is Kubernetes' own.`,
      at: locationOf(kubernetes, 'namespace'),
      help: 'name another one that exists, or take the key out: harvgen makes one for the site then',
    });
  },
});

export const kubernetesNodePort = warning('kubernetes-node-port', {
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
        at: locationOf(kubernetes, 'nodePort'),
        help: 'take it out, or say `service: NodePort`',
      });
      return;
    }
    if (kubernetes.replicas !== undefined)
      report({
        message: 'A NodePort has a pod on each node of the cluster, whatever replicas says.',
        at: locationOf(kubernetes, 'replicas'),
        help: 'take it out, or take a LoadBalancer',
      });
    const { port, ports = [], tls } = server;
    if (port !== undefined && port !== nodePort && !(nodePort === undefined && canBeNodePort(port)))
      report({
        message: elsewhere(port, nodePort),
        at: locationOf(kubernetes, nodePort === undefined ? 'service' : 'nodePort'),
        related: [{ message: 'where they ask is set at', at: locationOf(server, 'url') }],
        help: `say the port of the NodePort in server.url; ${OR_SILENCE}`,
      });
    const further = [
      ...ports.map((other, index) => ({ other, at: locationOf(ports, index) })),
      ...(tls ? [{ other: tls.port, at: locationOf(tls, 'url') }] : []),
    ];
    for (const { other, at } of further) {
      if (other === undefined || other === port || canBeNodePort(other)) continue;
      const help = `take a port from 30000 to 32767, which the NodePort has, too; ${OR_SILENCE}`;
      report({ message: elsewhere(other), at, help });
    }
  },
});

const OR_SILENCE =
  'where something leads there and keeps the addresses of machines, silence kubernetes-node-port with the reason';

function elsewhere(port: number, nodePort?: number): string {
  return `Machines ask at port ${port}, and a NodePort is ${nodePort ?? 'another one'}: something must lead from the one to the other.`;
}

export const kubernetesClusterIp = error('kubernetes-cluster-ip', {
  what: 'Pods that only the cluster reaches are behind an ingress.',
  why: 'No machine of the site can ask them; and of whoever asks for it, nginx would not know for whom.',
  check({ server }, report) {
    const { kubernetes } = server ?? {};
    if (kubernetes?.service !== 'ClusterIP' || kubernetes.ingress || isBroken(kubernetes, 'ingress')) return;
    report({
      message: 'A ClusterIP is for the cluster alone: machines do not reach it.',
      at: locationOf(kubernetes, 'service'),
      help: 'take LoadBalancer or NodePort, or say who asks for the machines: `ingress: {proxies: […]}`',
    });
  },
});

export const kubernetesIngressPort = error('kubernetes-ingress-port', {
  what: 'What machines fetch through an ingress they fetch by http at port 80, and at no other.',
  why: "An Ingress knows of no other port; and one that speaks https would show the secrets to the cluster's network on the way to nginx.",
  check({ server }, report) {
    const { kubernetes, tls, port, ports = [] } = server ?? {};
    if (!server || !kubernetes?.ingress) return;
    const help = 'take a LoadBalancer or NodePort in place of the ingress';
    const message = (other: number) => `No ingress leads from port ${other} to nginx.`;
    if (tls)
      report({ message: 'An ingress does not lead https to nginx.', at: locationOf(server, 'tls'), help });
    else if (port !== undefined && port !== 80)
      report({
        message: message(port),
        at: locationOf(server, 'url'),
        help: `${help}, or a URL without a port`,
      });
    if (kubernetes.service !== 'ClusterIP') return;
    for (const [index, other] of ports.entries()) {
      if (other === undefined || other === 80) continue;
      const add = 'add a LoadBalancer for it: `service: LoadBalancer`';
      report({ message: message(other), at: locationOf(ports, index), help: add });
    }
  },
});

export const kubernetesMediaClaim = error('kubernetes-media-claim', {
  what: "Pods that are to serve Harvester's files, what machines boot Linux from, or signatures, have a claim to a volume with these.",
  why: 'Neither is in the tree: machines would find a script, and then no kernel, or nothing that they may boot.',
  check({ server, nodes = [] }, report) {
    const { kubernetes } = server ?? {};
    if (!server || !kubernetes || kubernetes.mediaClaim || isBroken(kubernetes, 'mediaClaim')) return;
    const at = keyLocationOf(server, 'kubernetes');
    if (server.sign) {
      report({
        message: 'Machines fetch signatures from pods that have none.',
        at,
        related: [{ message: 'they are asked for at', at: locationOf(server, 'sign') }],
        help: 'name the PersistentVolumeClaim that has them in its folder sign/: `media_claim: …`',
      });
    } else if (server.images?.path && nodes.some((node) => isFrom(node, server.images?.url))) {
      report({
        message: 'Machines fetch what they boot Linux from of pods that have none of it.',
        at,
        help: 'name the PersistentVolumeClaim that has it in its folder images/, `media_claim: …`, or give the URL of a server that has it as server.images',
      });
    } else if (server.media?.path && nodes.some((node) => node?.os === 'harvester')) {
      report({
        message: "Machines fetch Harvester's files from pods that have none.",
        at,
        help: 'name the PersistentVolumeClaim that has them in its folder harvester/, `media_claim: …`, or give the URL of a server that has them as server.media',
      });
    }
  },
});

/** Whether a node boots Linux from what lies below a URL. */
function isFrom(node: Draft<Node> | undefined, url: string | undefined): boolean {
  const { kernel, initrds = [], squashfs } = node?.linux ?? {};
  return [kernel, ...initrds, squashfs].some((one) => url !== undefined && one?.startsWith(`${url}/`));
}

export const kubernetesProxyCoversNodes = error('kubernetes-proxy-covers-nodes', {
  what: 'No proxy of the ingress is on a network of the site.',
  why: "A proxy is believed for whom it asks. A machine with such an address has but to say that it asks for another one, and is handed that one's configuration with its secrets.",
  check({ server, networks = [] }, report) {
    const { proxies = [] } = server?.kubernetes?.ingress ?? {};
    proxies.forEach((proxy, index) => {
      const range = proxy === undefined ? undefined : parseAddressOrCidr(proxy);
      const covered = networks.flatMap((network) =>
        range && network?.subnet && overlap(network.subnet, range) ? (network.name ?? []) : [],
      );
      if (covered.length === 0) return;
      report({
        message: `nginx would believe ${proxy} for whom it asks, and that is on ${nameRanges(covered)}, as machines of the site are.`,
        at: locationOf(proxies, index),
        help: "name the addresses of the ingress controller alone, on the network of the cluster's pods",
      });
    });
  },
});
