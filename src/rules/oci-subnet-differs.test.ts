import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { edited } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociSubnetDiffers } from './oci-subnet-differs.ts';

const SECOND = `  other:
    subnet: 10.0.11.0/24
    gateway: 10.0.11.1
    dhcp: { server: external }
`;
/** The last node is another cluster's, on the second network: one cluster is on one network. */
const APART = edited(
  OCI_PLANT,
  [
    'cluster:\n  vip: 10.0.10.10\n  token: ${secret:cluster_token}\n',
    `${SECOND}clusters:
  plant: { vip: 10.0.10.10, token: "\${secret:cluster_token}" }
  apart: { vip: 10.0.11.10, token: "\${secret:apart_token}" }
`,
  ],
  ['ip: 10.0.10.11,', 'cluster: plant, ip: 10.0.10.11,'],
  ['ip: 10.0.10.12 ', 'cluster: plant, ip: 10.0.10.12 '],
  ['{ ip: 10.0.10.13 }', '{ cluster: apart, mode: create, nics: [{ network: other, ip: 10.0.11.13 }] }'],
);

ruleTest(ociSubnetDiffers, {
  'nodes of one network in two subnets': {
    of: OCI_PLANT,
    edits: [['ip: 10.0.10.13 }', 'ip: 10.0.10.13, oci: { subnet: ocid1.subnet.oc1.phx.aaaaother } }']],
    finds: [
      {
        at: '30:43',
        message: 'oci-3 is in another subnet of OCI than other nodes of the network vcn.',
        related: ['23:13'],
      },
    ],
  },
  'nodes of two networks in one subnet': {
    of: APART,
    silence: ['two-node-cluster'],
    edits: [],
    finds: [
      {
        at: '27:13',
        message: 'oci-3 is on the network other, and in a subnet of OCI whose network is vcn.',
        related: ['7:3'],
      },
    ],
  },
  'two networks, and a subnet for each': {
    of: APART,
    silence: ['two-node-cluster'],
    edits: [['mode: create, nics', 'mode: create, oci: { subnet: ocid1.subnet.oc1.phx.aaaaother }, nics']],
  },
});
