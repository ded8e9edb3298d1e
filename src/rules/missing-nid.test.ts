import { RACK } from '../../test/support/rack.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { missingNid } from './missing-nid.ts';

ruleTest(missingNid, {
  'a node with an xname': {
    of: RACK,
    edits: [[' nid: 2,', '']],
    finds: [
      {
        at: '11:59',
        message:
          "cg02 has an xname and no NID: dnsmasq_updater, which makes dnsmasq's files from SMD's lists, ends there.",
      },
    ],
  },
  'nobody asks for it': {
    of: RACK,
    edits: [
      [', compat: [ochami]', ''],
      [' nid: 2,', ''],
    ],
  },
});
