import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

ruleTest('kubernetes-on-host', {
  'pods and a host': {
    of: NESTED,
    edits: [['150.1 }\nhost:', '150.1, kubernetes: { media_claim: media } }\nhost:']],
    finds: [
      {
        at: '3:38',
        message:
          'The site has a libvirt host, which serves its output tree, and server.kubernetes: libvirt networks do not reach its pods.',
      },
    ],
  },
  'pods without a host': { edits: [['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']] },
});

const within = (namespace: string) =>
  ['server:\n', `server:\n  kubernetes: { media_claim: media, namespace: ${namespace} }\n`] as const;

ruleTest('kubernetes-namespace', {
  'a namespace of Kubernetes': {
    edits: [within('kube-system')],
    finds: [
      {
        at: '5:48',
        message:
          'The namespace kube-system is reserved for Kubernetes: its administrators can read the secrets of the boot server.',
      },
    ],
  },
  'another namespace': { edits: [within('kubernetes-boot')] },
  'the default namespace': { edits: [['server:\n', 'server:\n  kubernetes: { media_claim: media }\n']] },
});

const pods = (more: string) =>
  ['server:\n', `server:\n  kubernetes: { media_claim: media, ${more} }\n`] as const;
const at = (port: number) => ['http://192.168.178.7', `http://192.168.178.7:${port}`] as const;

fixableRuleTest('kubernetes-node-port', {
  'a NodePort that is not the port that machines use': {
    edits: [pods('service: NodePort, node_port: 30080')],
    finds: [
      {
        at: '5:67',
        message: 'Machines use port 80, but the NodePort is 30080: a forwarder must connect them.',
        related: ['6:8'],
      },
    ],
  },
  'a NodePort that Kubernetes chooses': {
    edits: [pods('service: NodePort')],
    finds: [
      {
        at: '5:46',
        message: 'Machines use port 80, but the NodePort is another port: a forwarder must connect them.',
        related: ['6:8'],
      },
    ],
  },
  'further ports, and the port of https': {
    edits: [
      [
        'server:\n',
        `server:
  ports: [10000, 30081]
  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key, url: https://boot.example.org }
  kubernetes: { media_claim: media, service: NodePort }
`,
      ],
      at(30080),
    ],
    finds: [
      {
        at: '5:11',
        message: 'Machines use port 10000, but the NodePort is another port: a forwarder must connect them.',
      },
      {
        at: '6:65',
        message: 'Machines use port 443, but the NodePort is another port: a forwarder must connect them.',
      },
    ],
  },
  replicas: {
    edits: [pods('service: NodePort, replicas: 3'), at(30080)],
    finds: [
      {
        at: '5:66',
        message: 'A NodePort has a pod on each node of the cluster: replicas has no effect.',
      },
    ],
  },
  'a NodePort of a LoadBalancer': {
    edits: [pods('node_port: 30080')],
    finds: [{ at: '5:48', message: 'A LoadBalancer does not use node_port: the key has no effect.' }],
  },
  'the port that machines use, set': {
    edits: [pods('service: NodePort, node_port: 30080'), at(30080)],
  },
  'further ports in the range of NodePorts': {
    edits: [
      ['server:\n', 'server:\n  ports: [30081]\n  kubernetes: { media_claim: media, service: NodePort }\n'],
      at(30080),
    ],
  },
  'the port that machines use, derived': { edits: [pods('service: NodePort'), at(30080)] },
});

ruleTest('kubernetes-cluster-ip', {
  'a ClusterIP without an ingress': {
    edits: [pods('service: ClusterIP')],
    finds: [
      { at: '5:46', message: 'A ClusterIP is only reachable from the cluster: machines cannot reach it.' },
    ],
  },
  'a ClusterIP with an ingress': {
    edits: [pods('service: ClusterIP, ingress: { proxies: [10.42.0.0/16] }')],
  },
  'a LoadBalancer': { edits: [pods('service: LoadBalancer')] },
});

const behind = (more = '', service = 'ClusterIP') =>
  [
    'server:\n',
    `server:\n${more}  kubernetes: { media_claim: media, service: ${service}, ingress: { proxies: [10.42.0.0/16] } }\n`,
  ] as const;
const tls = '  tls: { certificate: /etc/ssl/a.pem, key: /etc/ssl/a.key, url: https://boot.example.org }\n';

ruleTest('kubernetes-ingress-port', {
  'another port': {
    edits: [behind(), ['http://192.168.178.7', 'http://192.168.178.7:8080']],
    finds: [{ at: '6:8', message: 'No ingress forwards port 8080 to nginx: machines get no answer there.' }],
  },
  https: {
    edits: [behind(tls)],
    finds: [
      { at: '5:8', message: 'An ingress does not forward https to nginx: machines get no answer there.' },
    ],
  },
  'further ports': {
    edits: [behind('  ports: [80, 10000]\n')],
    finds: [
      { at: '5:15', message: 'No ingress forwards port 10000 to nginx: machines get no answer there.' },
    ],
  },
  'a further port with a load balancer': {
    edits: [behind('  ports: [10000]\n', 'LoadBalancer')],
  },
  'port 80': { edits: [behind()] },
});

const server = (more: string) => ['server:\n', `server:\n${more}`] as const;

ruleTest('kubernetes-media-claim', {
  'installation media without a claim': {
    edits: [server('  kubernetes: {}\n')],
    finds: [
      {
        at: '5:3',
        message:
          'Machines fetch installation media from pods, but server.kubernetes has no media_claim: the pods have no media.',
      },
    ],
  },
  'signatures without a claim': {
    edits: [server('  kubernetes: {}\n  sign: { signer: boot.plant }\n  media: http://mirror.plant\n')],
    finds: [
      {
        at: '5:3',
        message:
          'Machines fetch signatures from pods, but server.kubernetes has no media_claim: the pods have no signatures.',
        related: ['6:9'],
      },
    ],
  },
  'Linux boot files without a claim': {
    of: LINUX_PLANT,
    edits: [server('  kubernetes: {}\n')],
    finds: [
      {
        at: '3:3',
        message:
          'Machines fetch Linux boot files from pods, but server.kubernetes has no media_claim: the pods have no such files.',
      },
    ],
  },
  'Linux from another server': {
    of: LINUX_PLANT,
    edits: [server('  kubernetes: {}\n  images: http://10.1.0.9:9000/boot-images\n')],
  },
  'Linux from another server, and a node that boots its disk': {
    of: LINUX_PLANT,
    edits: [
      server('  kubernetes: {}\n  images: http://10.1.0.9:9000/boot-images\n'),
      ['nodes:\n', 'nodes:\n  pc: { mac: 52:54:00:7c:52:09, ip: 10.1.0.19, boot: { os: local } }\n'],
    ],
  },
  'a claim': { edits: [server('  kubernetes: { media_claim: media }\n  sign: { signer: boot.plant }\n')] },
  'another server': { edits: [server('  kubernetes: {}\n  media: http://192.168.178.8\n')] },
});

const behindProxies = (...proxies: string[]) =>
  [
    'server:\n',
    `server:\n  kubernetes:\n    media_claim: media\n    ingress:\n      proxies: [${proxies.join(', ')}]\n`,
  ] as const;
const proxyMessage = (proxy: string) =>
  `nginx would trust ${proxy} to name the client, but machines of the site are on mgmt, too: they could get others' secrets.`;

ruleTest('kubernetes-proxy-covers-nodes', {
  'an IP address of the network, and all IP addresses': {
    edits: [behindProxies('192.168.178.8', '10.42.0.0/16', '192.0.0.0/8')],
    finds: [
      { at: '8:17', message: proxyMessage('192.168.178.8') },
      { at: '8:46', message: proxyMessage('192.0.0.0/8') },
    ],
  },
  'only pods': { edits: [behindProxies('10.42.0.0/16', '192.168.179.1')] },
});
