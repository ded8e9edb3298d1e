import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudConfigNotAMap } from './cloud-config-not-a-map.ts';

const ALIASES = Array(20).fill('*a').join(', ');

ruleTest(cloudConfigNotAMap, {
  'a text that is no YAML': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: "#cloud-config\\nruncmd: [a\\npackages: [b]\\n"']],
    finds: [
      {
        at: '20:18',
        message: 'This cloud-config of user_data is no YAML (line 3): cloud-init would drop it.',
      },
    ],
  },
  'a list': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'vendor_data: "#cloud-config\\n- a\\n"']],
    finds: [
      { at: '20:20', message: 'This cloud-config of vendor_data is no map: cloud-init would drop it.' },
    ],
  },
  'aliases that stand for nothing, for more than anybody writes, and for what they stand in': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [
        OWN_USER_DATA,
        'user_data: "#cloud-config\\nruncmd: [*a]\\n"\n      vendor_data: "#cloud-config\\nbootcmd: []\\nruncmd: &a [*a]\\n"',
      ],
      [
        GROUP_USER_DATA,
        `user_data: "#cloud-config\\na: &a [x]\\nb: &b [${ALIASES}]\\nc: [${ALIASES.replaceAll('a', 'b')}]\\n"`,
      ],
    ],
    finds: [
      {
        at: '8:18',
        message:
          'This cloud-config of user_data has aliases that stand for nothing, or for too much: cloud-init would drop it.',
      },
      {
        at: '20:18',
        message:
          'This cloud-config of user_data has aliases that stand for nothing, or for too much: cloud-init would drop it.',
      },
      {
        at: '21:20',
        message:
          'This cloud-config of vendor_data has an alias of what it stands in (line 3): cloud-init would drop it.',
      },
    ],
  },
  'a map, and one with nothing in it': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [OWN_USER_DATA, 'user_data: "#cloud-config\\nruncmd: [a]\\n"\n      vendor_data: "#cloud-config\\n"'],
    ],
  },
  'a date, which a map of the inventory cannot hold': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: "#cloud-config\\nusers: [{ name: x, expiredate: 2032-09-01 }]\\n"']],
  },
});
