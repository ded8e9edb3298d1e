import { ruleTest } from '../../test/support/rule-test.ts';
import { restrictedLabel } from './restricted-label.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';

function message(label: string): string {
  return `The label ${label} is not one that a kubelet may give its node: the kubelet would not start.`;
}

ruleTest(restrictedLabel, {
  'a role, as a label of the node': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, labels: { node-role.kubernetes.io/worker: "true" }']],
    finds: [{ at: '24:67', message: message('node-role.kubernetes.io/worker') }],
  },
  'labels of the configuration in defaults, once for all nodes': {
    edits: [
      [
        KEYS,
        `${KEYS},\n      labels: { kubernetes.io/rack: b, example.org/rack: b, plant.k8s.io/rack: b, k8s.io/x: y }`,
      ],
    ],
    finds: [
      { at: '20:17', message: message('kubernetes.io/rack') },
      { at: '20:61', message: message('plant.k8s.io/rack') },
      { at: '20:83', message: message('k8s.io/x') },
    ],
  },
  'labels of the node beside those of the configuration': {
    edits: [
      [KEYS, `${KEYS}, labels: { example.org/rack: b }`],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, labels: { kubernetes.io/role: storage }'],
    ],
    finds: [{ at: '24:67', message: message('kubernetes.io/role') }],
  },
  'what a kubelet may give itself': {
    edits: [
      [
        KEYS,
        `${KEYS},
      labels: { topology.kubernetes.io/region: east, node.kubernetes.io/instance-type: small, beta.kubernetes.io/arch: amd64,
        kubernetes.io/os: linux, kubelet.kubernetes.io/x: y, node.kubernetes.io/x: y, rack.node.kubernetes.io/x: y }`,
      ],
    ],
  },
  'other prefixes, and none': {
    edits: [
      [
        KEYS,
        `${KEYS}, labels: { mykubernetes.io/x: y, kubernetes.io.example.org/x: y, kubernetes.io: y, k8s.io: y }`,
      ],
    ],
  },
});
