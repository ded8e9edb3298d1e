import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociDhcp } from './oci-dhcp.ts';

ruleTest(ociDhcp, {
  'a DHCP server of the site, in a VCN': {
    of: OCI_PLANT,
    edits: [['{ server: external }', '{ server: dnsmasq, pool: 10.0.10.200-10.0.10.250 }']],
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
    edits: [['    dhcp: { server: external }\n', '']],
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
