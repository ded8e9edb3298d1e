import { ruleTest } from '../../test/support/rule-test.ts';
import { releaseTooOld } from './release-too-old.ts';

ruleTest(releaseTooOld, {
  'a release before the oldest one': {
    edits: [['version: v1.4.1', 'version: v1.0.3']],
    finds: [
      {
        at: '3:12',
        message: 'Harvester v1.0.3 is older than v1.1.0, the oldest release that can be installed.',
      },
    ],
  },
  "a cluster's own release": {
    edits: [['  vip: 192.168.178.40\n', '  harvester: { version: v0.3.0 }\n  vip: 192.168.178.40\n']],
    finds: [
      {
        at: '14:25',
        message: 'Harvester v0.3.0 is older than v1.1.0, the oldest release that can be installed.',
      },
    ],
  },
  "the site's release for two clusters: said once": {
    edits: [
      ['version: v1.4.1', 'version: v1.0.3'],
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
    ],
    finds: [
      {
        at: '3:12',
        message: 'Harvester v1.0.3 is older than v1.1.0, the oldest release that can be installed.',
      },
    ],
  },
  'the oldest release': { edits: [['version: v1.4.1', 'version: v1.1.0']] },
  'a newer release of the only cluster': {
    edits: [
      ['version: v1.4.1', 'version: v1.0.3'],
      ['  vip: 192.168.178.40\n', '  harvester: { version: v1.1.3 }\n  vip: 192.168.178.40\n'],
    ],
  },
});
