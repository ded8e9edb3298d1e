import { cloudSite, FULL } from '../../../test/support/cloud-sites.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const [AWS, AZURE, DO, GOOGLE] = (['aws', 'azure', 'digitalocean', 'google'] as const).map((name) =>
  cloudSite(name),
) as [string, string, string, string];

/** Adds keys to the cloud VM. */
const vm = (keys: string): [string, string] => [
  '    allow: [203.0.113.10]\n',
  `    allow: [203.0.113.10]\n${keys}`,
];
/** Replaces the first data disk. */
const disk = (of: string, to: string): [string, string] => [
  /data1: \{ size[^}]*\}/.exec(of)?.[0] ?? '',
  `data1: ${to}`,
];

ruleTest('cloud-region', {
  'a region of another provider': {
    of: AWS.replace('eu-central-1', 'westeurope'),
    edits: [],
    finds: [
      {
        at: '7:13',
        message: 'westeurope is not a region of AWS.',
        help: 'use another region, such as eu-central-1',
      },
    ],
  },
  'a region that is closed': {
    of: DO.replace('fra1', 'nyc2'),
    edits: [],
    finds: [{ at: '7:13', message: 'DigitalOcean creates no new VMs in its region nyc2.' }],
  },
  'a zone of another region': {
    of: GOOGLE,
    edits: [vm('    zone: europe-west1-b\n')],
    finds: [{ at: '10:11', message: 'The region europe-west4 has no zone europe-west1-b.' }],
  },
  'a zone that does not exist': {
    of: GOOGLE.replace('europe-west4', 'us-east1'),
    edits: [vm('    zone: us-east1-a\n')],
    finds: [{ at: '10:11', message: 'The region us-east1 has no zone us-east1-a.' }],
  },
  'a zone of the region': { of: AWS, edits: [vm('    zone: eu-central-1c\n')] },
});

fixableRuleTest('cloud-disk-type', {
  'a type of another provider': {
    of: AZURE,
    edits: [disk(AZURE, '{ size: 350Gi, type: gp3 }')],
    finds: [
      {
        at: '10:40',
        message: 'The disk data1 has the type gp3, which Azure does not have for Standard_D32s_v5.',
        help: 'use Premium_LRS, StandardSSD_LRS, Standard_LRS, Premium_ZRS, StandardSSD_ZRS',
      },
    ],
  },
  'a type that this size does not have': {
    of: GOOGLE,
    edits: [disk(GOOGLE, '{ size: 350Gi, type: pd-ssd }'), vm('    os_disk: { type: pd-ssd }\n')],
    finds: [
      {
        at: '10:22',
        message: 'The OS disk has the type pd-ssd, which Google Cloud does not have for n4-standard-32.',
      },
      {
        at: '11:40',
        message: 'The disk data1 has the type pd-ssd, which Google Cloud does not have for n4-standard-32.',
      },
    ],
  },
  'a provider with one type, and a fixed OS disk': {
    of: DO,
    edits: [disk(DO, '{ size: 350Gi, type: ssd, iops: 1 }'), vm('    os_disk: { size: 60Gi }\n')],
    finds: [
      { at: '10:22', message: 'The size of the VM sets the size of its OS disk at DigitalOcean.' },
      {
        at: '11:40',
        message:
          'The disk data1 has the type ssd, which DigitalOcean does not have for g-32vcpu-128gb-intel.',
        help: 'remove type: there is one type only',
      },
    ],
  },
  'IOPS of a type without a choice': {
    of: AWS,
    edits: [disk(AWS, '{ size: 350Gi, type: gp2, iops: 9000 }')],
    finds: [
      {
        at: '10:51',
        message: 'The disk data1 sets iops, which AWS does not let you choose for gp2.',
        help: 'remove iops, or use the type gp3',
      },
    ],
  },
  'the type of an older size': {
    of: GOOGLE,
    edits: [disk(GOOGLE, '{ size: 350Gi, type: pd-ssd }'), vm('    size: n2-standard-32\n')],
  },
});

fixableRuleTest('cloud-disk', {
  'a disk without a size': {
    of: AZURE,
    edits: [disk(AZURE, '{ type: Premium_LRS }')],
    finds: [
      { at: '10:12', message: 'The disk data1 has no size, but the cloud VM needs a disk of some size.' },
    ],
  },
  'a device of another provider': {
    of: AZURE,
    edits: [disk(AZURE, '{ size: 350Gi, device: /dev/disk/by-id/google-data1 }')],
    finds: [
      {
        at: '10:42',
        message:
          'The device /dev/disk/by-id/google-data1 of data1 is not one that Azure has for a disk of the VM.',
        help: 'remove device, or use the form /dev/disk/azure/scsi1/lun1',
      },
    ],
  },
  'two disks with one number': {
    of: AWS.replaceAll('data2', 'other1'),
    edits: [],
    finds: [
      {
        at: '10:78',
        message: 'The disks other1 and data1 have the same number at AWS, 1.',
        related: ['10:12'],
      },
    ],
  },
  'two disks with one name': {
    of: GOOGLE.replaceAll('data1', 'data-2').replaceAll('data2', 'data_2'),
    edits: [],
    finds: [
      {
        at: '10:94',
        message: 'The disks data_2 and data-2 have the same name at Google Cloud, plant-data-2.',
        related: ['10:12'],
        help: 'use names that differ in more than - and _',
      },
    ],
  },
  'the same names at a provider without numbers': { of: GOOGLE.replaceAll('data2', 'other1'), edits: [] },
});

fixableRuleTest('cloud-os-disk', {
  'an OS disk that is too small for the image on it': {
    of: AWS,
    edits: [vm('    os_disk: { size: 80Gi }\n')],
    finds: [
      {
        at: '10:22',
        message: 'The OS disk of 80Gi is too small: the system and the images on it need 321 GiB.',
        help: 'remove size, or set at least 321Gi; or set `on` of the images to a disk of host.disks',
      },
    ],
  },
  'an OS disk that is too small for the system': {
    of: AWS.replace('300Gi }]', '300Gi, on: data3 }]').replace(
      'disks: {',
      'disks: { data3: { size: 350Gi },',
    ),
    edits: [vm('    os_disk: { size: 10Gi }\n')],
    finds: [
      {
        at: '10:22',
        message: 'The OS disk of 10Gi is too small: the system needs 20 GiB.',
        help: 'remove size, or set at least 20Gi',
      },
    ],
  },
  'an image on the disk of a Droplet': {
    of: DO.replace(/(plant-3.*), on: data2/, '$1'),
    edits: [],
    finds: [
      {
        at: '29:72',
        message:
          'An image of plant-3 is on the OS disk, but the size of the VM sets that at DigitalOcean: it can be too small.',
        help: 'set `on` to a disk of host.disks',
      },
    ],
  },
  'an OS disk with the room for its image': { of: GOOGLE, edits: [vm('    os_disk: { size: 321Gi }\n')] },
});

/** The site with its own host, whose disks are those of no provider. */
const OWN = AZURE.replace(/ {2}cloud:\n(?: {4}.*\n)+/, '').replace(
  /disks: \{ data1.*\n/,
  'disks: { data1: { device: /dev/disk/by-id/a1, size: 350Gi }, data2: { device: /dev/disk/by-id/a2, size: 350Gi } }\n',
);

ruleTest('host-disk-without-device', {
  'a disk without a device': {
    of: OWN,
    edits: [['device: /dev/disk/by-id/a1, ', '']],
    finds: [{ at: '5:12', message: "The host's disk data1 has no device: it cannot be found." }],
  },
  'a device, or a cloud VM': { of: OWN, edits: [] },
});

ruleTest('cloud-keys-without-cloud', {
  'a type without a cloud VM': {
    of: OWN,
    edits: [['a1, size: 350Gi', 'a1, size: 350Gi, iops: 3']],
    finds: [
      { at: '5:68', message: 'The disk data1 sets iops, but the site has no host.cloud: it has no effect.' },
    ],
  },
  'a cloud VM': { of: AWS, edits: [] },
});

ruleTest('cloud-image', {
  'an image without cloud-init': {
    of: GOOGLE,
    edits: [vm('    image: debian-13\n')],
    finds: [
      {
        at: '10:12',
        message:
          'The image debian-cloud/debian-13 of Google Cloud has no cloud-init: nothing reads the user data.',
        help: 'remove image, or use ubuntu-24.04, sles-15, leap-15.6',
      },
    ],
  },
  'an image that the provider does not have': {
    of: AWS,
    edits: [vm('    image: debian-cloud/debian-13\n')],
    finds: [{ at: '10:12', message: 'The image debian-cloud/debian-13 is not one of AWS.' }],
  },
  'the ID of an image': { of: AWS, edits: [vm('    image: ami-0123456789abcdef0\n')] },
});

ruleTest('cloud-network', {
  'a part of an existing network': {
    of: AWS,
    edits: [vm('    network: { subnet: subnet-1 }\n')],
    finds: [
      {
        at: '10:14',
        message: 'The network sets subnet, but an existing one of AWS needs vpc and subnet.',
        help: 'set vpc and subnet only, or remove network for a new one',
      },
    ],
  },
  'a new network that overlaps one of the site': {
    of: GOOGLE,
    edits: [vm('    network: { cidr: 192.168.0.0/16 }\n')],
    finds: [
      {
        at: '10:22',
        message: 'The subnet of the cloud VM, 192.168.0.0/16, overlaps 192.168.150.0/24 of the network mgmt.',
        related: ['18:13'],
      },
    ],
  },
  'a subnet that AWS does not have': {
    of: AWS,
    edits: [vm('    network: { cidr: 172.16.0.0/12 }\n')],
    finds: [
      {
        at: '10:22',
        message: 'The subnet of the cloud VM, 172.16.0.0/12, is /12, but AWS has /16 to /28 only.',
        help: 'set a subnet of such a size: `network: {cidr: 172.30.0.0/24}`',
      },
    ],
  },
  'a site with the subnet of a new network, at a provider with another default': {
    of: DO.replaceAll('192.168.150.', '10.10.0.'),
    edits: [],
  },
  'an existing network': { of: cloudSite('digitalocean', FULL.digitalocean), edits: [] },
});

ruleTest('cloud-key', {
  'keys of other providers': {
    of: DO,
    edits: [vm('    spot: true\n    zone: fra1-1\n    project: ours\n')],
    finds: [
      { at: '10:11', message: 'DigitalOcean has no spot VMs.', help: 'remove spot' },
      { at: '11:11', message: 'DigitalOcean has no zones to choose.', help: 'remove zone' },
      { at: '12:14', message: 'DigitalOcean has no projects.', help: 'remove project' },
    ],
  },
  'a zone of Azure': {
    of: AZURE,
    edits: [vm('    zone: westeurope-1\n')],
    finds: [{ at: '10:11', message: 'Azure has no zones to choose.' }],
  },
  'a project of AWS': {
    of: AWS,
    edits: [vm('    project: ours\n')],
    finds: [{ at: '10:14', message: 'AWS has no projects.' }],
  },
  'a spot VM of Azure': { of: AZURE, edits: [vm('    spot: true\n')] },
  'all keys of Google Cloud': {
    of: GOOGLE,
    edits: [vm('    spot: true\n    project: ours\n    zone: europe-west4-a\n')],
  },
});
