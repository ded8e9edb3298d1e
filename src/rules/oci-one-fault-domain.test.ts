import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociOneFaultDomain } from './oci-one-fault-domain.ts';

const inDomain = (node: number, domain: number): [string, string] => [
  `ip: 10.0.10.1${node}`,
  `oci: { fault_domain: FAULT-DOMAIN-${domain} }, ip: 10.0.10.1${node}`,
];

ruleTest(ociOneFaultDomain, {
  'two of three in one': {
    of: OCI_PLANT,
    edits: [inDomain(1, 1), inDomain(2, 2), inDomain(3, 1)],
    finds: [
      {
        at: '28:33',
        message:
          'The 3 nodes of plant are in FAULT-DOMAIN-1 of Uocm:PHX-AD-1 and FAULT-DOMAIN-2 of Uocm:PHX-AD-1: what takes one fault domain away may take the cluster.',
      },
    ],
  },
  'one that says nothing': { of: OCI_PLANT, edits: [inDomain(1, 1), inDomain(3, 1)] },
  'the same of several availability domains': {
    of: OCI_PLANT,
    edits: [1, 2, 3].map((node): [string, string] => [
      `ip: 10.0.10.1${node}`,
      `oci: { fault_domain: FAULT-DOMAIN-1, availability_domain: "Uocm:PHX-AD-${node}" }, ip: 10.0.10.1${node}`,
    ]),
  },
});
