import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociRegionsDiffer } from './oci-regions-differ.ts';

const DOMAIN = '"Uocm:PHX-AD-1"';
const withRegion = (region: string): [string, string] => [
  `    availability_domain: ${DOMAIN}`,
  `    availability_domain: ${DOMAIN}\n    region: ${region}`,
];

ruleTest(ociRegionsDiffer, {
  'an image and a domain of another region than the subnet, each said once': {
    of: OCI_PLANT,
    edits: [
      ['ocid1.image.oc1.phx.aaaaimage', 'ocid1.image.oc1.eu-frankfurt-1.aaaaimage'],
      [DOMAIN, '"kWVD:EU-FRANKFURT-1-AD-2"'],
    ],
    finds: [
      {
        at: '24:12',
        message: 'image of oci-1 is of the region eu-frankfurt-1, and its subnet is of us-phoenix-1.',
        related: ['23:13'],
      },
      {
        at: '26:26',
        message:
          'availability_domain of oci-1 is of the region eu-frankfurt-1, and its subnet is of us-phoenix-1.',
        related: ['23:13'],
      },
    ],
  },
  'a security group of another region': {
    of: OCI_PLANT,
    edits: [
      ['ip: 10.0.10.13 }', 'ip: 10.0.10.13, oci: { nsgs: [ocid1.networksecuritygroup.oc1.iad.aaaansg] } }'],
    ],
    finds: [
      {
        at: '30:42',
        message: 'nsgs of oci-3 is of the region us-ashburn-1, and its subnet is of us-phoenix-1.',
        related: ['23:13'],
      },
    ],
  },
  'the region, by its name': { of: OCI_PLANT, edits: [withRegion('us-phoenix-1')] },
  'the region, by its key': { of: OCI_PLANT, edits: [withRegion('phx')] },
  'a domain with the name of its region, without a number': {
    of: OCI_PLANT,
    edits: [
      ['ocid1.subnet.oc1.phx.aaaasubnet', 'ocid1.subnet.oc1.iad.aaaasubnet'],
      ['ocid1.image.oc1.phx.aaaaimage', 'ocid1.image.oc1.iad.aaaaimage'],
      [DOMAIN, '"Uocm:US-ASHBURN-AD-1"'],
    ],
  },
  'a region that nobody knows': {
    of: OCI_PLANT,
    edits: [['ocid1.image.oc1.phx.aaaaimage', 'ocid1.image.oc1.xyz.aaaaimage']],
  },
});
