import { ruleTest } from '../../test/support/rule-test.ts';
import { dottedHostname } from './dotted-hostname.ts';

ruleTest(dottedHostname, {
  'a name with dots before v1.6.0': {
    edits: [['  harv-2:', '  harv-2.plant.example:']],
    finds: [
      {
        at: '24:3',
        message:
          'The host name harv-2.plant.example has dots: Harvester v1.4.1 takes it, and the cluster breaks.',
      },
    ],
  },
  'the last release before v1.6.0': {
    edits: [
      ['version: v1.4.1', 'version: v1.5.99'],
      ['  harv-2:', '  harv-2.plant:'],
    ],
    finds: [
      {
        at: '24:3',
        message: 'The host name harv-2.plant has dots: Harvester v1.5.99 takes it, and the cluster breaks.',
      },
    ],
  },
  'an old release of the cluster alone': {
    edits: [
      ['version: v1.4.1', 'version: v1.6.0'],
      ['  vip: 192.168.178.40\n', '  vip: 192.168.178.40\n  harvester: { version: v1.5.1 }\n'],
      ['  harv-2:', '  harv-2.plant:'],
    ],
    finds: [
      {
        at: '25:3',
        message: 'The host name harv-2.plant has dots: Harvester v1.5.1 takes it, and the cluster breaks.',
      },
    ],
  },
  'a name with dots from v1.6.0 on': {
    edits: [
      ['version: v1.4.1', 'version: v1.6.0'],
      ['  harv-2:', '  harv-2.plant.example:'],
    ],
  },
  'a machine that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [
      ['  harv-2:', '  harv-2.plant.example:'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, boot: { os: local }'],
    ],
  },
});
