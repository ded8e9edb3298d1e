import { cloudSite } from '../../../test/support/cloud-sites.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const [AWS, AZURE, DO, GOOGLE] = (['aws', 'azure', 'digitalocean', 'google'] as const).map((name) =>
  cloudSite(name),
) as [string, string, string, string];

/** Adds keys to the cloud VM. */
const vm = (keys: string): [string, string] => [
  '    allow: [203.0.113.10]\n',
  `    allow: [203.0.113.10]\n${keys}`,
];

/** Removes settings of the first disk that the default type of another size does not allow. */
const PLAIN_DISK: [string, string][] = [
  [
    'data1: { size: 350Gi, type: hyperdisk-balanced, iops: 50000, throughput: 1200 }',
    'data1: { size: 350Gi }',
  ],
];

fixableRuleTest('cloud-size', {
  'a size of AWS of an older generation': {
    of: AWS,
    edits: [vm('    size: m6i.8xlarge\n')],
    finds: [
      {
        at: '10:11',
        message: 'The size m6i.8xlarge of AWS has no nested virtualization: KVM cannot run there.',
        help: 'remove size, or use one of a series with it: m8i, r8i, m7i, r7i',
      },
    ],
  },
  'a size of Azure with AMD': {
    of: AZURE,
    edits: [vm('    size: Standard_D32as_v5\n')],
    finds: [
      {
        at: '10:11',
        message: 'The size Standard_D32as_v5 of Azure has no nested virtualization: KVM cannot run there.',
      },
    ],
  },
  'a size of Google Cloud with AMD': {
    of: GOOGLE,
    edits: [vm('    size: n2d-standard-32\n'), ...PLAIN_DISK],
    finds: [
      {
        at: '10:11',
        message:
          'The size n2d-standard-32 of Google Cloud has no nested virtualization: KVM cannot run there.',
      },
    ],
  },
  'machines for which no size is large enough': {
    of: DO,
    edits: [['preset: small', 'preset: medium, memory: 256Gi']],
    finds: [
      {
        at: '6:5',
        message:
          'The machines need 48 threads and 768 GiB, and no size of DigitalOcean with nested virtualization has both: the largest is m-48vcpu-384gb-intel.',
      },
    ],
  },
  'an Intel size of the seventh generation': { of: AWS, edits: [vm('    size: m7i.8xlarge\n')] },
  'a bare-metal size': { of: AWS, edits: [vm('    size: m5.metal\n')] },
  'machines that are emulated': {
    of: AZURE,
    edits: [vm('    size: Standard_D32as_v5\n'), ['  disks:', '  domain_type: qemu\n  disks:']],
  },
});

ruleTest('cloud-size-name', {
  'a number that the series of AWS does not have': {
    of: AWS,
    edits: [vm('    size: m8i.9xlarge\n')],
    finds: [
      {
        at: '10:11',
        message: 'The series m8i of AWS has no size m8i.9xlarge.',
        help: 'use m8i.8xlarge',
      },
    ],
  },
  'a typo in the form of a name': {
    of: AZURE,
    edits: [vm('    size: Standart_D32s_v5\n')],
    finds: [
      {
        at: '10:11',
        message: 'Standart_D32s_v5 is not the name of a size of Azure.',
        help: 'use Standard_D32s_v5',
      },
    ],
  },
  'a number that the series of Azure does not have': {
    of: AZURE,
    edits: [vm('    size: Standard_D36s_v5\n')],
    finds: [
      {
        at: '10:11',
        message: 'The series Standard_D*s_v5 of Azure has no size Standard_D36s_v5.',
        help: 'use Standard_D32s_v5',
      },
    ],
  },
  'memory that the series of DigitalOcean does not have': {
    of: DO,
    edits: [vm('    size: g-32vcpu-64gb-intel\n')],
    finds: [
      {
        at: '10:11',
        message: 'The series g-intel of DigitalOcean has no size g-32vcpu-64gb-intel.',
        help: 'use g-32vcpu-128gb-intel',
      },
    ],
  },
  'the size of another provider': {
    of: GOOGLE,
    edits: [vm('    size: m8i.8xlarge\n'), ...PLAIN_DISK],
    finds: [
      {
        at: '10:11',
        message: 'm8i.8xlarge is not the name of a size of Google Cloud.',
        help: 'remove size, or use n4-standard-32',
      },
    ],
  },
  'a size of the table': { of: GOOGLE, edits: [vm('    size: n4-highmem-48\n')] },
});

ruleTest('cloud-size-unknown', {
  'a family that the table does not contain': {
    of: AWS,
    edits: [vm('    size: m9i.8xlarge\n')],
    finds: [
      {
        at: '10:11',
        message: 'harvgen does not know the size m9i.8xlarge of AWS: KVM may not run there.',
        help: 'use m8i.8xlarge; or, if KVM runs there, add silence: {cloud-size-unknown: "the reason"}',
      },
    ],
  },
  'a series of DigitalOcean without the name of a processor': {
    of: DO,
    edits: [vm('    size: so-32vcpu-256gb\n')],
    finds: [
      {
        at: '10:11',
        message: 'harvgen does not know the size so-32vcpu-256gb of DigitalOcean: KVM may not run there.',
        help: 'remove size, or use g-32vcpu-128gb-intel; or, if KVM runs there, add silence: {cloud-size-unknown: "the reason"}',
      },
    ],
  },
  'a size of Azure for computations': {
    of: AZURE,
    edits: [vm('    size: Standard_F32s_v2\n')],
    finds: [
      {
        at: '10:11',
        message: 'harvgen does not know the size Standard_F32s_v2 of Azure: KVM may not run there.',
      },
    ],
  },
  'a size of Google Cloud for memory': {
    of: GOOGLE,
    edits: [vm('    size: m3-megamem-64\n'), ...PLAIN_DISK],
    finds: [
      {
        at: '10:11',
        message: 'harvgen does not know the size m3-megamem-64 of Google Cloud: KVM may not run there.',
      },
    ],
  },
  'machines that are emulated': {
    of: AWS,
    edits: [vm('    size: m9i.8xlarge\n'), ['  disks:', '  domain_type: qemu\n  disks:']],
  },
  'a custom size of Google Cloud': { of: GOOGLE, edits: [vm('    size: n4-custom-32-131072\n')] },
});

ruleTest('cloud-size-region', {
  'a region without the series of a size': {
    of: AWS.replace('eu-central-1', 'eu-north-1'),
    edits: [vm('    size: m8i.8xlarge\n')],
    finds: [
      {
        at: '7:13',
        message: 'The region eu-north-1 of AWS had no m8i in August 2026: the VM cannot be created there.',
        help: 'use a size of r8i; or, if the region has it now, add silence: {cloud-size-region: "the reason"}',
      },
    ],
  },
  'a region without any series of auto': {
    of: AWS.replace('eu-central-1', 'me-south-1'),
    finds: [
      {
        at: '7:13',
        message: 'The region me-south-1 of AWS had no m8i in August 2026: the VM cannot be created there.',
        help: 'use another region, such as eu-central-1; or, if the region has it now, add silence: {cloud-size-region: "the reason"}',
      },
    ],
  },
  'a region for which auto takes another series': { of: AWS.replace('eu-central-1', 'eu-north-1') },
  'a region that is newer than the table': { of: AWS.replace('eu-central-1', 'ap-southeast-6') },
});

ruleTest('cloud-spot-nested', {
  'a spot instance of AWS': {
    of: AWS,
    edits: [vm('    spot: true\n')],
    finds: [
      {
        at: '10:11',
        message: 'm8i.8xlarge needs nested virtualization, which AWS may refuse for a spot instance.',
      },
    ],
  },
  'one of bare metal': { of: AWS, edits: [vm('    spot: true\n    size: m7i.metal-24xl\n')] },
});
