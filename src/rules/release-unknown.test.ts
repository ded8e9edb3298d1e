import { ruleTest } from '../../test/support/rule-test.ts';
import { releaseUnknown } from './release-unknown.ts';

/** What is said of a release that the site names. */
function found(version: string) {
  return {
    at: '3:12',
    message: `Harvester ${version} is newer than v1.9.0, the newest release known: it is treated like that one.`,
  };
}

ruleTest(releaseUnknown, {
  'the next patch': { edits: [['v1.4.1', 'v1.9.1']], finds: [found('v1.9.1')] },
  'a minor number of two digits': { edits: [['v1.4.1', 'v1.10.0']], finds: [found('v1.10.0')] },
  'a major number that is higher': { edits: [['v1.4.1', 'v2.0.0']], finds: [found('v2.0.0')] },
  'a candidate of a newer release': { edits: [['v1.4.1', 'v1.10.0-rc1']], finds: [found('v1.10.0-rc1')] },
  "a cluster's own release": {
    edits: [['  vip: 192.168.178.40\n', '  harvester: { version: v1.9.9 }\n  vip: 192.168.178.40\n']],
    finds: [
      {
        at: '14:25',
        message:
          'Harvester v1.9.9 is newer than v1.9.0, the newest release known: it is treated like that one.',
      },
    ],
  },
  "the site's release for two clusters: said once": {
    edits: [
      ['v1.4.1', 'v1.9.1'],
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  east: { vip: 192.168.178.40, token: "${secret:east}" }\n  west: { vip: 192.168.178.39, token: "${secret:west}" }\n',
      ],
      ['  config:\n', '  cluster: east\n  config:\n'],
    ],
    finds: [found('v1.9.1')],
  },
  'the newest release': { edits: [['v1.4.1', 'v1.9.0']] },
  'a candidate of the newest release': { edits: [['v1.4.1', 'v1.9.0-rc6']] },
});
