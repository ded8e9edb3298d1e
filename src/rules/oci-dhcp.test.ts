import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociDhcp } from './oci-dhcp.ts';

/** MAC addresses, as reservations need them. */
const MACS = [1, 2, 3].map((number): [string, string] => [
  `ip: 10.0.10.1${number}`,
  `mac: 52:54:00:0c:01:0${number}, ip: 10.0.10.1${number}`,
]);

/** NICs with names, as static addresses need them. */
const NAMED = [1, 2, 3].map((number): [string, string] => [
  `ip: 10.0.10.1${number}`,
  `nics: [{ name: eno1, mac: 52:54:00:0c:01:0${number}, ip: 10.0.10.1${number} }]`,
]);

ruleTest(ociDhcp, {
  'a DHCP server of the site, in a VCN': {
    of: OCI_PLANT,
    edits: [['{ server: external }', '{ server: dnsmasq, pool: 10.0.10.200-10.0.10.250 }'], ...MACS],
    finds: [
      {
        at: '11:21',
        message:
          'oci-1 is an instance of OCI, and its network vcn has the DHCP server dnsmasq: OCI itself answers there, and nobody else can.',
      },
    ],
  },
  'no DHCP at all': {
    of: OCI_PLANT,
    silence: ['static-needs-default-route'],
    edits: [['    dhcp: { server: external }\n', ''], ...NAMED],
    finds: [
      {
        at: '7:3',
        message:
          'oci-1 is an instance of OCI, and its network vcn has no DHCP server: OCI itself answers there, and nobody else can.',
      },
    ],
  },
  "the cloud's own": { of: OCI_PLANT, edits: [] },
});
