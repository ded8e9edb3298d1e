import { canBeNodePort } from '../../plan/kubernetes.ts';
import type { LinuxBoot } from '../../site/model.ts';
import { nameRanges } from '../../source/diagnostics/words.ts';
import { isBroken, keyLocationOf, locationOf } from '../../source/origin.ts';
import { removeKey, suggestedFix } from '../../source/text-edit/fix.ts';
import { parseAddressOrCidr } from '../../values/addresses.ts';
import type { Draft } from '../../values/draft.ts';
import { error, warning } from '../rule.ts';
import { overlap } from '../support.ts';

const OR_SILENCE =
  'or, with a forwarder that keeps source IP addresses, add silence: {kubernetes-node-port: "the reason"}';

export const kubernetesRules = [
  error('kubernetes-on-host', {
    what: 'A site with a libvirt host must not have pods that serve its output tree.',
    why: 'The host is the boot server of its own machines: `scripts/host-setup.sh` starts nginx there, and libvirt networks do not reach a cluster.',
  }).check(({ host, server }, report) => {
    if (!host || !server?.kubernetes) return;
    report(keyLocationOf(server, 'kubernetes'), {
      message:
        'The site has a libvirt host, which serves its output tree, and server.kubernetes: libvirt networks do not reach its pods.',
      help: 'remove server.kubernetes or the host',
    });
  }),
  error('kubernetes-namespace', {
    what: "Pods that serve the output tree must not be in one of Kubernetes' own namespaces.",
    why: 'Names that begin with `kube-` are reserved for the cluster: its administrators could read the secrets of the site, and a wrong object could break the cluster.',
  }).check(({ server }, report) => {
    const { kubernetes } = server ?? {};
    if (!kubernetes?.namespace?.startsWith('kube-')) return;
    report(locationOf(kubernetes, 'namespace'), {
      message: `The namespace ${kubernetes.namespace} is reserved for Kubernetes: its administrators can read the secrets of the boot server.`,
      help: 'name another namespace that exists, or remove the key: harvgen then creates one for the site',
    });
  }),
  warning('kubernetes-node-port', {
    what: 'NodePorts must be the ports that machines use. `node_port` requires a NodePort service, which must not set `replicas`.',
    why: "Other ports of the cluster's nodes do not answer, unless a port mapping or balancer forwards them with the source IP address, by which nginx identifies machines. A NodePort has a pod on every node, which serves the requests to its node.",
  }).check(({ server }, report) => {
    const { kubernetes } = server ?? {};
    if (!server || !kubernetes || isBroken(kubernetes, 'nodePort')) return;
    const { service, nodePort } = kubernetes;
    if (service !== 'NodePort') {
      if (nodePort === undefined || service === undefined) return;
      return report(locationOf(kubernetes, 'nodePort'), {
        message: `A ${service} does not use node_port: the key has no effect.`,
        fix: suggestedFix(removeKey(kubernetes, 'nodePort')),
        help: 'remove node_port, or set `service: NodePort`',
      });
    }
    if (kubernetes.replicas !== undefined)
      report(locationOf(kubernetes, 'replicas'), {
        message: 'A NodePort has a pod on each node of the cluster: replicas has no effect.',
        fix: suggestedFix(removeKey(kubernetes, 'replicas')),
        help: 'remove replicas, or set `service: LoadBalancer`',
      });
    const { port, ports = [], tls } = server;
    if (port !== undefined && port !== nodePort && !(nodePort === undefined && canBeNodePort(port)))
      report(locationOf(kubernetes, nodePort === undefined ? 'service' : 'nodePort'), {
        message: elsewhere(port, nodePort),
        related: [{ message: 'the port that machines use is set at', at: locationOf(server, 'url') }],
        help: `set the port of the NodePort in server.url; ${OR_SILENCE}`,
      });
    const further = [
      ...ports.map((other, index) => ({ other, at: locationOf(ports, index) })),
      ...(tls ? [{ other: tls.port, at: locationOf(tls, 'url') }] : []),
    ];
    for (const { other, at } of further) {
      if (other === undefined || other === port || canBeNodePort(other)) continue;
      const help = `use a port from 30000 to 32767, which the NodePort then has as well; ${OR_SILENCE}`;
      report(at, { message: elsewhere(other), help });
    }
  }),
  error('kubernetes-cluster-ip', {
    what: 'Pods that only the cluster can reach must be behind an ingress.',
    why: 'No machine of the site can reach them, and nginx cannot identify the machine behind a forwarded request.',
  }).check(({ server }, report) => {
    const { kubernetes } = server ?? {};
    if (kubernetes?.service !== 'ClusterIP' || kubernetes.ingress || isBroken(kubernetes, 'ingress')) return;
    report(locationOf(kubernetes, 'service'), {
      message: 'A ClusterIP is only reachable from the cluster: machines cannot reach it.',
      help: 'set LoadBalancer or NodePort, or the proxies that forward requests of machines: `ingress: {proxies: […]}`',
    });
  }),
  error('kubernetes-ingress-port', {
    what: 'Machines must use http on port 80 through an ingress, and no other port.',
    why: "An Ingress has no other port; and an ingress with https would expose the secrets to the cluster's network on the way to nginx.",
  }).check(({ server }, report) => {
    const { kubernetes, tls, port, ports = [] } = server ?? {};
    if (!server || !kubernetes?.ingress) return;
    const help = 'set a LoadBalancer or NodePort instead of the ingress';
    const message = (other: number) =>
      `No ingress forwards port ${other} to nginx: machines get no answer there.`;
    if (tls)
      report(locationOf(server, 'tls'), {
        message: 'An ingress does not forward https to nginx: machines get no answer there.',
        help,
      });
    else if (port !== undefined && port !== 80)
      report(locationOf(server, 'url'), {
        message: message(port),
        help: `${help}, or a URL without a port`,
      });
    for (const [index, other] of kubernetes.service === 'ClusterIP' ? ports.entries() : [])
      if (other !== undefined && other !== 80)
        report(locationOf(ports, index), {
          message: message(other),
          help: 'add a LoadBalancer for it: `service: LoadBalancer`',
        });
  }),
  error('kubernetes-media-claim', {
    what: 'Pods that serve installation media, Linux boot files or signatures must have a claim to a volume with these files.',
    why: 'The output tree does not contain these files: machines find a script, but no kernel, or nothing that they may boot.',
  }).check(({ server, nodes = [], unknownMachines = [] }, report) => {
    const { kubernetes, sign, images, media } = server ?? {};
    if (!server || !kubernetes || kubernetes.mediaClaim || isBroken(kubernetes, 'mediaClaim')) return;
    const boots = [...nodes.map((node) => node?.linux), ...unknownMachines];
    const [files, lacking, claim] = sign
      ? ['signatures', 'signatures', 'signatures in its directory sign/: `media_claim: …`']
      : images?.path && boots.some((boot) => isFrom(boot, images.url))
        ? ['Linux boot files', 'such files', `files in its directory images/, ${orElsewhere('images')}`]
        : media?.path && nodes.some((node) => node?.os === 'harvester')
          ? ['installation media', 'media', `media in its directory harvester/, ${orElsewhere('media')}`]
          : [];
    if (!files) return;
    report(keyLocationOf(server, 'kubernetes'), {
      message: `Machines fetch ${files} from pods, but server.kubernetes has no media_claim: the pods have no ${lacking}.`,
      related: sign && [{ message: 'signatures are set at', at: locationOf(server, 'sign') }],
      help: `name the PersistentVolumeClaim with the ${claim}`,
    });
  }),
  error('kubernetes-proxy-covers-nodes', {
    what: 'A proxy of the ingress must not be on a network of the site.',
    why: "A proxy is trusted to name the client. A machine with a proxy's IP address can name another machine, and gets that machine's configuration with its secrets.",
  }).check(({ server, networks = [] }, report) => {
    const { proxies = [] } = server?.kubernetes?.ingress ?? {};
    for (const [index, proxy] of proxies.entries()) {
      const range = parseAddressOrCidr(proxy ?? '');
      const covered = networks.flatMap((network) =>
        range && network?.subnet && overlap(network.subnet, range) ? (network.name ?? []) : [],
      );
      if (covered.length === 0) continue;
      report(locationOf(proxies, index), {
        message: `nginx would trust ${proxy} to name the client, but machines of the site are on ${nameRanges(covered)}, too: they could get others' secrets.`,
        help: "name only the IP addresses of the ingress controller, on the network of the cluster's pods",
      });
    }
  }),
];

const orElsewhere = (key: string) => `\`media_claim: …\`; or set server.${key} to the URL of another server`;

function elsewhere(port: number, nodePort?: number): string {
  return `Machines use port ${port}, but the NodePort is ${nodePort ?? 'another port'}: a forwarder must connect them.`;
}

function isFrom(boot: Draft<LinuxBoot> | undefined, url: string | undefined): boolean {
  const { kernel, initrds = [], squashfs } = boot ?? {};
  return [kernel, ...initrds, squashfs].some((one) => url !== undefined && one?.startsWith(`${url}/`));
}
