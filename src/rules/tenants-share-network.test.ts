import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { tenantsShareNetwork } from './tenants-share-network.ts';

ruleTest(tenantsShareNetwork, {
  'one network of two': {
    of: ISCSI_PLANT,
    edits: [
      ['biology: { network: biology, allow', 'biology: { network: physics, allow'],
      ['ip: 10.3.0.11', 'ip: 10.2.0.13'],
    ],
    finds: [
      {
        at: '12:23',
        message: 'The network physics of biology is also that of physics: nothing would separate them.',
        related: ['11:23'],
      },
    ],
  },
  'one network of two, and nodes on the other': {
    of: ISCSI_PLANT,
    edits: [['biology: { network: biology, allow', 'biology: { network: physics, allow']],
    finds: [
      {
        at: '12:23',
        message: 'The network physics of biology is also that of physics: nothing would separate them.',
        related: ['11:23'],
      },
    ],
  },
  'each its own': {
    of: ISCSI_PLANT,
    edits: [],
  },
});
