import { ISCSI_HARVESTER, onBootVolume } from '../../test/support/iscsi-harvester-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { iscsiSizeMissing } from './iscsi-size-missing.ts';

ruleTest(iscsiSizeMissing, {
  'a layer says no size': {
    of: ISCSI_HARVESTER,
    edits: [[', size: 400Gi', '']],
    finds: [
      {
        at: '19:17',
        message: 'The disk of harv-1 is a blank one, and does not say how large it is.',
        help: 'say it beside disk: `boot: {disk: iscsi, size: 400Gi}`',
      },
    ],
  },
  "somebody else's disk, which has its size": {
    of: onBootVolume(),
    edits: [],
    silence: ['iscsi-management-nic'],
  },
});
