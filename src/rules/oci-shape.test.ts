import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociShape } from './oci-shape.ts';

ruleTest(ociShape, {
  'bare metal without disks, which is said once': {
    of: OCI_PLANT,
    edits: [['BM.DenseIO.E4.128', 'BM.Standard.E4.128']],
    finds: [
      {
        at: '25:12',
        message:
          'oci-1 has the shape BM.Standard.E4.128, which has no disk of its own, but a boot volume by iSCSI, and the inventory does not say to use that.',
      },
    ],
  },
  'a virtual machine': {
    of: OCI_PLANT,
    edits: [['ip: 10.0.10.13 }', 'ip: 10.0.10.13, oci: { shape: VM.DenseIO.E4.Flex } }']],
    finds: [
      {
        at: '30:42',
        message:
          "oci-3 has the shape VM.DenseIO.E4.Flex, which is a virtual machine: Harvester's own would run inside another, if at all.",
      },
    ],
  },
  'bare metal without disks, whose boot volume is the disk': {
    of: OCI_PLANT,
    silence: ['iscsi-management-nic'],
    edits: [
      ['BM.DenseIO.E4.128', 'BM.Standard.E4.128'],
      ['    install:\n      device: /dev/disk/by-path/pci-0000:41:00.0-nvme-1\n', ''],
      [
        'defaults:\n',
        'defaults:\n  boot: { disk: iscsi, target: "iqn.2015-02.oracle.boot:uefi", server: 169.254.0.2 }\n',
      ],
    ],
  },
  'GPUs of a series without disks': {
    of: OCI_PLANT,
    edits: [['BM.DenseIO.E4.128', 'BM.GPU3.8']],
    finds: [
      {
        at: '25:12',
        message:
          'oci-1 has the shape BM.GPU3.8, which has no disk of its own, but a boot volume by iSCSI, and the inventory does not say to use that.',
      },
    ],
  },
  'a shape of which nothing is known': {
    of: OCI_PLANT,
    edits: [['BM.DenseIO.E4.128', 'BM.Novel7.64']],
    finds: [
      {
        at: '25:12',
        message: 'oci-1 has the shape BM.Novel7.64, which is not known to have a disk of its own.',
      },
    ],
  },
  ...Object.fromEntries(
    ['BM.Optimized3.36', 'BM.Standard.E6.256', 'BM.GPU.H100.8', 'BM.HPC.E5.144'].map((shape) => [
      `bare metal with NVMe disks, of another family: ${shape}`,
      { of: OCI_PLANT, edits: [['BM.DenseIO.E4.128', shape] as const] },
    ]),
  ),
});
