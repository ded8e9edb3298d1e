import { ruleTest } from '../../test/support/rule-test.ts';
import { kubernetesNodePort } from './kubernetes-node-port.ts';

const pods = (more: string) =>
  ['server:\n', `server:\n  kubernetes: { media_claim: media, ${more} }\n`] as const;
const at = (port: number) => ['http://192.168.178.7', `http://192.168.178.7:${port}`] as const;

ruleTest(kubernetesNodePort, {
  'a NodePort that is not where machines ask': {
    edits: [pods('service: NodePort, node_port: 30080')],
    finds: [
      {
        at: '5:67',
        message:
          'Machines ask at port 80, and a NodePort is 30080: something must lead from the one to the other.',
        related: ['6:8'],
      },
    ],
  },
  'one that Kubernetes chooses': {
    edits: [pods('service: NodePort')],
    finds: [
      {
        at: '5:46',
        message:
          'Machines ask at port 80, and a NodePort is another one: something must lead from the one to the other.',
        related: ['6:8'],
      },
    ],
  },
  'further ports, and that of https': {
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
        message:
          'Machines ask at port 10000, and a NodePort is another one: something must lead from the one to the other.',
      },
      {
        at: '6:65',
        message:
          'Machines ask at port 443, and a NodePort is another one: something must lead from the one to the other.',
      },
    ],
  },
  'a number of pods': {
    edits: [pods('service: NodePort, replicas: 3'), at(30080)],
    finds: [
      {
        at: '5:66',
        message: 'A NodePort has a pod on each node of the cluster, whatever replicas says.',
      },
    ],
  },
  'of a LoadBalancer': {
    edits: [pods('node_port: 30080')],
    finds: [{ at: '5:48', message: 'A LoadBalancer has no use for node_port.' }],
  },
  'the port that machines ask at, said': {
    edits: [pods('service: NodePort, node_port: 30080'), at(30080)],
  },
  'further ports that a NodePort can have': {
    edits: [
      ['server:\n', 'server:\n  ports: [30081]\n  kubernetes: { media_claim: media, service: NodePort }\n'],
      at(30080),
    ],
  },
  'the port that machines ask at, derived': { edits: [pods('service: NodePort'), at(30080)] },
});
