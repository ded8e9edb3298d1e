import { ISCSI_HARVESTER } from '../../test/support/iscsi-harvester-plant.ts';
import type { Edit } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { iscsiKernelArguments } from './iscsi-kernel-arguments.ts';

const says = (args: string): Edit => [
  '    os: { ntp_servers',
  `    os: { additionalKernelArguments: "${args}", ntp_servers`,
];

ruleTest(iscsiKernelArguments, {
  'arguments for something else, which are said once': {
    of: ISCSI_HARVESTER,
    edits: [says('multipath=off mitigations=off')],
    finds: [
      {
        at: '21:38',
        message:
          'os.additionalKernelArguments of harv-1 say nothing of iSCSI, and its disk is behind an iSCSI target: what is installed there would not find it.',
      },
    ],
  },
  'arguments that switch it off': {
    of: ISCSI_HARVESTER,
    edits: [says('multipath=off rd.iscsi.firmware=0')],
    finds: [
      {
        at: '21:38',
        message:
          'os.additionalKernelArguments of harv-1 say nothing of iSCSI, and its disk is behind an iSCSI target: what is installed there would not find it.',
      },
    ],
  },
  'arguments that have it': {
    of: ISCSI_HARVESTER,
    edits: [says('multipath=off rd.iscsi.firmware mitigations=off')],
  },
  'a target that they name': {
    of: ISCSI_HARVESTER,
    edits: [says('multipath=off ip=dhcp netroot=iscsi:10.21.0.2::::iqn.2024-07.org.example:disk')],
  },
  'a disk of the machine': { edits: [says('multipath=off mitigations=off')] },
});
