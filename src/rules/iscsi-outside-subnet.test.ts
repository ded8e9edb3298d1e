import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { iscsiOutsideSubnet } from './iscsi-outside-subnet.ts';

ruleTest(iscsiOutsideSubnet, {
  'an address of another network': {
    of: ISCSI_PLANT,
    edits: [['gateway: 10.2.0.1', 'gateway: 10.2.0.1, iscsi: 10.3.0.2']],
    finds: [
      {
        at: '8:61',
        message:
          'The iSCSI server cannot have the address 10.3.0.2 on physics: it is none of a host of 10.2.0.0/24.',
        related: ['8:22'],
      },
    ],
  },
  'the broadcast address': {
    of: ISCSI_PLANT,
    edits: [['iscsi: 10.3.0.2', 'iscsi: 10.3.0.255']],
    finds: [
      {
        at: '9:42',
        message:
          'The iSCSI server cannot have the address 10.3.0.255 on biology: it is none of a host of 10.3.0.0/24.',
        related: ['9:22'],
      },
    ],
  },
  'an address of the subnet': {
    of: ISCSI_PLANT,
    edits: [],
  },
});
