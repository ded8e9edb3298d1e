import { ruleTest } from '../../test/support/rule-test.ts';
import { archTooNew } from './arch-too-new.ts';

ruleTest(archTooNew, {
  'arm64 before the first release for it': {
    edits: [['  version: v1.4.1\n', '  version: v1.2.2\n  arch: arm64\n']],
    finds: [
      {
        at: '4:9',
        message: 'Harvester v1.2.2 is not made for arm64: the first release that is, is v1.3.0.',
        related: ['3:12'],
      },
    ],
  },
  'a cluster with an architecture of its own': {
    edits: [
      ['version: v1.4.1', 'version: v1.2.2'],
      ['  vip: 192.168.178.40\n', '  harvester: { arch: arm64 }\n  vip: 192.168.178.40\n'],
    ],
    finds: [
      {
        at: '14:22',
        message: 'Harvester v1.2.2 is not made for arm64: the first release that is, is v1.3.0.',
        related: ['3:12'],
      },
    ],
  },
  'a cluster with a release of its own': {
    edits: [
      ['  version: v1.4.1\n', '  version: v1.4.1\n  arch: arm64\n'],
      ['  vip: 192.168.178.40\n', '  harvester: { version: v1.2.2 }\n  vip: 192.168.178.40\n'],
    ],
    finds: [
      {
        at: '4:9',
        message: 'Harvester v1.2.2 is not made for arm64: the first release that is, is v1.3.0.',
        related: ['15:25'],
      },
    ],
  },
  'arm64 with the first release for it': {
    edits: [['  version: v1.4.1\n', '  version: v1.3.0\n  arch: arm64\n']],
  },
  'arm64 with a candidate of the first release for it': {
    edits: [['  version: v1.4.1\n', '  version: v1.3.0-rc1\n  arch: arm64\n']],
  },
  'amd64 with an older release': {
    edits: [['  version: v1.4.1\n', '  version: v1.2.2\n  arch: amd64\n']],
  },
  'a cluster of amd64 in a site of arm64': {
    edits: [
      ['  version: v1.4.1\n', '  version: v1.2.2\n  arch: arm64\n'],
      ['  vip: 192.168.178.40\n', '  harvester: { arch: amd64 }\n  vip: 192.168.178.40\n'],
    ],
  },
});
