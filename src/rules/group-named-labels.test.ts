import { RACK } from '../../test/support/rack.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { groupNamedLabels } from './group-named-labels.ts';

ruleTest(groupNamedLabels, {
  'a group of that name': {
    of: RACK,
    edits: [['  compute: {}', '  labels: {}']],
    finds: [
      {
        at: '6:3',
        message:
          "The group labels cannot be asked for (server.compat): /hsm/v2/groups/labels has all groups' names.",
      },
    ],
  },
  "where nobody asks by OpenCHAMI's URLs": {
    of: RACK,
    edits: [
      [', compat: [ochami]', ''],
      ['  compute: {}', '  labels: {}'],
    ],
  },
  'a group of another name': { of: RACK, edits: [['  compute: {}', '  label: {}']] },
});
