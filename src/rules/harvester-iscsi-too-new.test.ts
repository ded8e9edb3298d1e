import { ISCSI_HARVESTER } from '../../test/support/iscsi-harvester-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { harvesterIscsiTooNew } from './harvester-iscsi-too-new.ts';

ruleTest(harvesterIscsiTooNew, {
  'a release that knows nothing of iSCSI, which is said once': {
    of: ISCSI_HARVESTER,
    edits: [['version: v1.4.1', 'version: v1.3.2']],
    finds: [
      {
        at: '19:17',
        message:
          'harv-1 is to have its disk by iSCSI, and Harvester v1.3.2 cannot be booted from one: v1.4.0 is the first that can.',
        related: ['3:12'],
      },
    ],
  },
  'the first that knows it': { of: ISCSI_HARVESTER, edits: [['version: v1.4.1', 'version: v1.4.0']] },
  'a node beside them with a disk of its own': {
    edits: [
      ['version: v1.4.1', 'version: v1.3.2'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, boot: { disk: local } }'],
    ],
  },
});
