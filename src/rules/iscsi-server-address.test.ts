import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { iscsiServerAddress } from './iscsi-server-address.ts';

ruleTest(iscsiServerAddress, {
  'a boot server by name': {
    of: ISCSI_PLANT,
    edits: [
      ['url: http://10.1.0.1', 'url: http://boot.example.org'],
      ['    address: 10.1.0.2\n', ''],
      ['gateway: 10.2.0.1', 'dns: [10.2.0.1], gateway: 10.2.0.1'],
      ['10.3.0.0/24, iscsi', '10.3.0.0/24, dns: [10.3.0.1], iscsi'],
    ],
    finds: [
      {
        at: '3:8',
        message: 'The iSCSI server has no address, and cn01 and cn02 boot by it: boot.example.org is a name.',
        help: 'say it: `server: {iscsi: {address: …}}`',
      },
    ],
  },
  pods: {
    of: ISCSI_PLANT,
    edits: [
      ['url: http://10.1.0.1', 'url: http://10.1.0.1\n  kubernetes: { media_claim: media }'],
      ['    address: 10.1.0.2\n', ''],
    ],
    finds: [
      {
        at: '3:8',
        message: 'The iSCSI server has no address, and cn01 and cn02 boot by it: 10.1.0.1 is that of pods.',
      },
    ],
  },
  'the boot server is the iSCSI server': {
    of: ISCSI_PLANT,
    edits: [['    address: 10.1.0.2\n', '']],
  },
  'a name, and an address on every network': {
    of: ISCSI_PLANT,
    edits: [
      ['url: http://10.1.0.1', 'url: http://boot.example.org'],
      ['    address: 10.1.0.2\n', ''],
      ['10.2.0.0/24, gateway: 10.2.0.1', '10.2.0.0/24, dns: [10.2.0.1], gateway: 10.2.0.1, iscsi: 10.2.0.2'],
      ['10.3.0.0/24, iscsi', '10.3.0.0/24, dns: [10.3.0.1], iscsi'],
    ],
  },
});
