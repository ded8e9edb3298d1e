import { NESTED } from '../../../test/support/nested-plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const lun = (keys: string) =>
  ['  threads: 32\n', `  luns: { backup: { size: 200Gi${keys} } }\n  threads: 32\n`] as const;
const iscsi = (keys: string) =>
  ['{ url: http://192.168.150.1 }', `{ url: http://192.168.150.1, iscsi: { ${keys} } }`] as const;

ruleTest('lun-unknown-node', {
  'a machine that is not in the inventory': {
    of: NESTED,
    edits: [lun(', nodes: [harvester-1, harvester-9]')],
    finds: [
      {
        at: '6:55',
        message:
          'The LUN backup is for harvester-9, which is not a virtual machine of the host: the iSCSI server rejects it.',
        help: 'correct the name, or remove nodes: all virtual machines can then use the LUN',
      },
    ],
  },
  'a virtual machine': { of: NESTED, edits: [lun(', nodes: [harvester-1]')] },
  'all virtual machines': { of: NESTED, edits: [lun('')] },
});

ruleTest('lun-without-node', {
  'an iSCSI server in another network': {
    of: NESTED,
    edits: [lun(''), iscsi('address: 10.0.0.2')],
    finds: [
      {
        at: '6:11',
        message:
          'The LUN backup has no virtual machine with an IP address in the network of 10.0.0.2, the iSCSI server: no machine can use it.',
      },
    ],
  },
  'an iSCSI server without an IP address': {
    of: NESTED,
    edits: [lun(''), ['http://192.168.150.1 ', 'http://lab.example.org ']],
    finds: [
      {
        at: '6:11',
        message: 'The LUN backup has no server with an IP address: no machine can use it.',
      },
    ],
  },
  'the host as the server': { of: NESTED, edits: [lun('')] },
});

fixableRuleTest('lun-driver', {
  LIO: {
    of: NESTED,
    edits: [lun(''), iscsi('driver: lio')],
    finds: [
      {
        at: '3:55',
        message: 'The iSCSI server is LIO, which knows no names of the nodes: they cannot use host.luns.',
        help: 'remove driver: the default is tgt',
      },
    ],
  },
  'LIO without LUNs': { of: NESTED, edits: [iscsi('driver: lio')] },
});
