import { RACK } from '../../test/support/rack.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { duplicateNid } from './duplicate-nid.ts';

ruleTest(duplicateNid, {
  'one NID for two nodes': {
    of: RACK,
    edits: [['nid: 2', 'nid: 1']],
    finds: [
      {
        at: '11:79',
        message: "The NID 1 of cg02 is also that of cg01: one of them would get the other's script.",
        related: ['10:79'],
      },
    ],
  },
  'NIDs that differ': { of: RACK, edits: [['nid: 2', 'nid: 11']] },
});
